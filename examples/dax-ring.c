/*
 * A queue between two processes in the memory of a DAX device: one producer, one consumer, no lock, no system call.
 *
 *   cc -O2 -o dax-ring dax-ring.c
 *   ./dax-ring /dev/dax0.0 consume 1000000 & ./dax-ring /dev/dax0.0 produce 1000000
 *
 * The producer alone writes `head`, the consumer alone writes `tail`; a slot belongs to the producer while
 * head - tail < SLOTS. The queue has to be empty at the start: `reset` makes it so.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sched.h>
#include <unistd.h>

#define SLOTS 4096u
/* The alignment of a DAX mapping: 2 MiB on x86. */
#define LENGTH (2ul << 20)

struct ring {
	_Alignas(64) _Atomic uint64_t head;
	_Alignas(64) _Atomic uint64_t tail;
	_Alignas(64) uint64_t slots[SLOTS];
};

static void produce(struct ring *ring, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		while (i - atomic_load_explicit(&ring->tail, memory_order_acquire) >= SLOTS)
			sched_yield();
		ring->slots[i % SLOTS] = i * i;
		atomic_store_explicit(&ring->head, i + 1, memory_order_release);
	}
}

static uint64_t consume(struct ring *ring, uint64_t count)
{
	uint64_t wrong = 0;
	for (uint64_t i = 0; i < count; i++) {
		while (atomic_load_explicit(&ring->head, memory_order_acquire) <= i)
			sched_yield();
		wrong += ring->slots[i % SLOTS] != i * i;
		atomic_store_explicit(&ring->tail, i + 1, memory_order_release);
	}
	return wrong;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: dax-ring DEVICE reset|produce|consume [COUNT]\n");
		return 2;
	}
	uint64_t count = argc > 3 ? strtoull(argv[3], NULL, 0) : 1000;
	int device = open(argv[1], O_RDWR);
	struct ring *ring = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	if (ring == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	if (strcmp(argv[2], "reset") == 0) {
		memset(ring, 0, sizeof(*ring));
	} else if (strcmp(argv[2], "produce") == 0) {
		produce(ring, count);
		printf("produced %llu\n", (unsigned long long)count);
	} else {
		uint64_t wrong = consume(ring, count);
		printf("consumed %llu, %llu wrong\n", (unsigned long long)count, (unsigned long long)wrong);
		return wrong != 0;
	}
	return 0;
}

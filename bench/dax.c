/*
 * dax-bench FILE LENGTH: copies and random reads in a shared mapping of FILE, or of anonymous memory for `-`.
 * Prints: first touch GB/s, copy GB/s, random 8-byte read ns. The best of several rounds counts.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define ROUNDS 5
#define READS 1000000u

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	size_t length = strtoull(argv[2], NULL, 0);
	int anonymous = strcmp(argv[1], "-") == 0;
	int file = anonymous ? -1 : open(argv[1], O_RDWR);
	char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | (anonymous ? MAP_ANONYMOUS : 0), file, 0);
	if (memory == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	madvise(memory, length, MADV_NOHUGEPAGE);
	double begin = now();
	for (size_t at = 0; at < length; at += 4096)
		memory[at] = 1;
	double touch = length / (now() - begin) / 1e9;
	memset(memory, 1, length);
	double copy = 0, latency = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		begin = now();
		memcpy(memory, memory + length / 2, length / 2);
		double rate = length / 2 / (now() - begin) / 1e9;
		if (rate > copy)
			copy = rate;
		uint64_t seed = 88172645463325252u, sum = 0;
		begin = now();
		for (unsigned i = 0; i < READS; i++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			/* The next place depends on what was read, so that reads do not overlap. */
			sum += *(uint64_t *)(memory + ((seed + (sum & 1)) % (length / 8)) * 8);
		}
		double each = (now() - begin) / READS * 1e9;
		if (sum == 0)
			return 1;
		if (each < latency)
			latency = each;
	}
	printf("%f %f %f\n", touch, copy, latency);
	return 0;
}

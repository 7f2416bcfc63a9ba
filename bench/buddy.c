/* A plain binary buddy allocator, the yardstick of bench/allocator.mjs: an array of page structures of 16 bytes, linked by
 * page number, one list an order, orders 0 to 10. It serves the same sequence of requests as the allocator of the model. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ORDERS = 11, NONE = -1 };

struct page {
	int32_t next, prev;
	uint32_t owner;
	uint8_t order;
	uint8_t is_free;
};

static struct page *pages;
static int32_t head[ORDERS];
static long free_pages, chunks[ORDERS];

static void push(int32_t number, int order)
{
	struct page *page = pages + number;

	page->order = order;
	page->is_free = 1;
	page->prev = NONE;
	page->next = head[order];
	if (page->next >= 0)
		pages[page->next].prev = number;
	head[order] = number;
	chunks[order]++;
}

static void cut(int32_t number)
{
	struct page *page = pages + number;

	if (page->next >= 0)
		pages[page->next].prev = page->prev;
	if (page->prev >= 0)
		pages[page->prev].next = page->next;
	else
		head[page->order] = page->next;
	page->is_free = 0;
	chunks[page->order]--;
}

static int32_t take(int order, uint32_t owner)
{
	for (int at = order; at < ORDERS; at++) {
		int32_t number = head[at];
		if (number < 0)
			continue;
		cut(number);
		while (at > order) {
			at--;
			push(number + (1 << at), at);
		}
		pages[number].order = order;
		pages[number].owner = owner;
		free_pages -= 1L << order;
		return number;
	}
	return NONE;
}

static void give(int32_t number)
{
	int order = pages[number].order;

	free_pages += 1L << order;
	for (; order < ORDERS - 1; order++) {
		int32_t buddy = number ^ (1 << order);
		if (!pages[buddy].is_free || pages[buddy].order != order)
			break;
		cut(buddy);
		number &= ~(1 << order);
	}
	push(number, order);
}

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return at.tv_sec + at.tv_nsec / 1e9;
}

/* buddy PAGES LIVE BATCH ROUNDS MIXED: keeps LIVE chunks; a round frees BATCH random ones, then takes as many. Prints
 * operations a second. */
int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	long count = atol(argv[1]), sum = 0;
	int live = atoi(argv[2]), batch = atoi(argv[3]), rounds = atoi(argv[4]), mixed = atoi(argv[5]);
	pages = calloc(count, sizeof(*pages));
	int32_t *held = malloc(sizeof(*held) * live);
	uint32_t seed = 12345;
	for (int order = 0; order < ORDERS; order++)
		head[order] = NONE;
	for (long number = count - 1024; number >= 0; number -= 1024)
		push(number, ORDERS - 1);
	for (int at = 0; at < live; at++)
		held[at] = take(mixed ? at & 3 : 0, 9);
	double start = now();
	for (int round = 0; round < rounds; round++) {
		uint32_t first = seed;
		for (int each = 0; each < batch; each++) {
			seed = seed * 1664525 + 1013904223;
			int at = (seed >> 8) % live;
			if (held[at] >= 0)
				give(held[at]);
			held[at] = NONE;
		}
		seed = first;
		for (int each = 0; each < batch; each++) {
			seed = seed * 1664525 + 1013904223;
			int at = (seed >> 8) % live;
			if (held[at] < 0)
				held[at] = take(mixed ? (seed >> 4) & 3 : 0, 9);
		}
	}
	double seconds = now() - start;
	for (int at = 0; at < live; at++)
		sum += held[at];
	printf("%.0f %ld %ld\n", 2.0 * rounds * batch / seconds, sum, free_pages);
	return 0;
}

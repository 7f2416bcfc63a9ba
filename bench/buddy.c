/* A plain binary buddy allocator, the yardstick of bench/allocator.mjs: an array of page structures, one list an order,
 * orders 0 to 10. It serves the same sequence of requests as the allocator of the model does. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ORDERS = 11 };

struct page {
	struct page *next, *prev;
	uint32_t owner;
	uint8_t order;
	uint8_t is_free;
};

static struct page *pages, *head[ORDERS];
static long free_pages, chunks[ORDERS];

static void push(struct page *page, int order)
{
	page->order = order;
	page->is_free = 1;
	page->prev = NULL;
	page->next = head[order];
	if (page->next)
		page->next->prev = page;
	head[order] = page;
	chunks[order]++;
}

static void cut(struct page *page)
{
	if (page->next)
		page->next->prev = page->prev;
	if (page->prev)
		page->prev->next = page->next;
	else
		head[page->order] = page->next;
	page->is_free = 0;
	chunks[page->order]--;
}

static struct page *take(int order, uint32_t owner)
{
	for (int at = order; at < ORDERS; at++) {
		struct page *page = head[at];
		if (!page)
			continue;
		cut(page);
		while (at > order) {
			at--;
			push(page + (1L << at), at);
		}
		page->order = order;
		page->owner = owner;
		free_pages -= 1L << order;
		return page;
	}
	return NULL;
}

static void give(struct page *page)
{
	int order = page->order;
	long number = page - pages;
	free_pages += 1L << order;
	for (; order < ORDERS - 1; order++) {
		struct page *buddy = pages + (number ^ (1L << order));
		if (!buddy->is_free || buddy->order != order)
			break;
		cut(buddy);
		number &= ~(1L << order);
	}
	push(pages + number, order);
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
	struct page **held = malloc(sizeof(*held) * live);
	uint32_t seed = 12345;
	for (long page = count - 1024; page >= 0; page -= 1024)
		push(pages + page, ORDERS - 1);
	for (int at = 0; at < live; at++)
		held[at] = take(mixed ? at & 3 : 0, 9);
	double start = now();
	for (int round = 0; round < rounds; round++) {
		uint32_t first = seed;
		for (int each = 0; each < batch; each++) {
			seed = seed * 1664525 + 1013904223;
			int at = (seed >> 8) % live;
			if (held[at])
				give(held[at]);
			held[at] = NULL;
		}
		seed = first;
		for (int each = 0; each < batch; each++) {
			seed = seed * 1664525 + 1013904223;
			int at = (seed >> 8) % live;
			if (!held[at])
				held[at] = take(mixed ? (seed >> 4) & 3 : 0, 9);
		}
	}
	double seconds = now() - start;
	for (int at = 0; at < live; at++)
		sum += held[at] - pages;
	printf("%.0f %ld %ld\n", 2.0 * rounds * batch / seconds, sum, free_pages);
	return 0;
}

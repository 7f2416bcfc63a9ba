/*
 * The same by libpmem: map a device, store, make it durable, and read it back.
 *
 *   cc -o pmem-map pmem-map.c -lpmem
 *   ./pmem-map /dev/dax0.0 "some text"
 */
#include <libpmem.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: pmem-map DEVICE TEXT\n");
		return 2;
	}
	size_t length;
	int is_pmem;
	char *memory = pmem_map_file(argv[1], 0, 0, 0, &length, &is_pmem);
	if (memory == NULL) {
		fprintf(stderr, "pmem_map_file %s: %s\n", argv[1], pmem_errormsg());
		return 1;
	}
	size_t count = strlen(argv[2]) + 1;
	/* A box's device is no pmem to libpmem, so it is made durable by msync. */
	if (is_pmem) {
		pmem_memcpy_persist(memory, argv[2], count);
	} else {
		memcpy(memory, argv[2], count);
		if (pmem_msync(memory, count) != 0) {
			perror("pmem_msync");
			return 1;
		}
	}
	printf("%zu bytes mapped, found '%s'\n", length, memory);
	return pmem_unmap(memory, length);
}

/*
 * malloc from a DAX device: memkind's fixed kind in memory that the program mapped itself.
 *
 *   cc -o memkind-map memkind-map.c -lmemkind
 *   ./memkind-map /dev/dax0.0 0x10000000
 */
#include <fcntl.h>
#include <memkind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define OBJECTS 10000

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: memkind-map DEVICE LENGTH\n");
		return 2;
	}
	size_t length = strtoull(argv[2], NULL, 0);
	int device = open(argv[1], O_RDWR);
	char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	if (memory == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	memkind_t kind;
	int error = memkind_create_fixed(memory, length, &kind);
	if (error != 0) {
		fprintf(stderr, "memkind_create_fixed: error %d\n", error);
		return 1;
	}
	static char *objects[OBJECTS];
	size_t wrong = 0;
	for (size_t i = 0; i < OBJECTS; i++) {
		objects[i] = memkind_malloc(kind, 64 + i % 512);
		if (objects[i] == NULL)
			return 1;
		wrong += objects[i] < memory || objects[i] >= memory + length;
		memset(objects[i], (int)(i % 251), 64);
	}
	for (size_t i = 0; i < OBJECTS; i++) {
		wrong += objects[i][63] != (char)(i % 251);
		memkind_free(kind, objects[i]);
	}
	memkind_destroy_kind(kind);
	printf("%d objects in the device, %zu wrong\n", OBJECTS, wrong);
	return wrong != 0;
}

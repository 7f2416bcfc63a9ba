/*
 * Maps a DAX device and does to the mapping what the arguments say, in order:
 *
 *   dax-map DEVICE LENGTH [store:OFFSET:TEXT | load:OFFSET:COUNT | run:COMMAND]...
 *
 *   cc -O2 -o dax-map dax-map.c
 *   ./dax-map /dev/dax0.0 0x40000000 store:0x1000:hello load:0x1000:5
 *
 * The memory is reached by loads and stores alone; there is no read(2) or write(2) on a DAX device. An access that the
 * memory cannot serve is a SIGBUS, which this program prints instead of dying of it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf before_access;

static void on_sigbus(int signal)
{
	(void)signal;
	siglongjmp(before_access, 1);
}

static void load(const char *from, size_t count)
{
	fputs("loaded ", stdout);
	for (size_t i = 0; i < count; i++) {
		volatile const char *byte = from + i;
		char c = *byte;
		putchar(c == '\0' ? '.' : c);
	}
	putchar('\n');
}

static int act(char *memory, size_t length, char *argument)
{
	char *first = strchr(argument, ':');
	if (first == NULL)
		return -1;
	*first++ = '\0';
	if (strcmp(argument, "run") == 0)
		return system(first) == 0 ? 0 : -1;
	char *second = strchr(first, ':');
	if (second == NULL)
		return -1;
	*second++ = '\0';
	size_t offset = strtoull(first, NULL, 0);
	int storing = strcmp(argument, "store") == 0;
	size_t count = storing ? strlen(second) : strtoull(second, NULL, 0);
	if (offset > length || count > length - offset)
		return -1;
	if (sigsetjmp(before_access, 1) != 0) {
		printf("SIGBUS at %#zx\n", offset);
		return 0;
	}
	if (storing)
		memcpy(memory + offset, second, count);
	else
		load(memory + offset, count);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: dax-map DEVICE LENGTH [store:OFFSET:TEXT | load:OFFSET:COUNT | run:COMMAND]...\n");
		return 2;
	}
	int device = open(argv[1], O_RDWR);
	if (device < 0) {
		perror(argv[1]);
		return 1;
	}
	size_t length = strtoull(argv[2], NULL, 0);
	char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	struct sigaction action = {.sa_handler = on_sigbus};
	sigaction(SIGBUS, &action, NULL);
	for (int i = 3; i < argc; i++) {
		fflush(stdout);
		if (act(memory, length, argv[i]) != 0) {
			fprintf(stderr, "dax-map: cannot do '%s'\n", argv[i]);
			return 1;
		}
	}
	munmap(memory, length);
	close(device);
	return 0;
}

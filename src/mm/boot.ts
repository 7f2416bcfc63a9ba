/** Boots memory management (skeleton). */
import type { Kernel } from '../driver-core/kernel.ts';
import type { MmConfig } from './config.ts';
import type { MemoryManagement } from './memory-management.ts';

export declare function bootMemoryManagement(kernel: Kernel, config: MmConfig): MemoryManagement;

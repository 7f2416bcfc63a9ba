/**
 * Sanitize and secure erase (`__cxl_mem_sanitize`, `cxl_mbox_sanitize_work`,
 * `drivers/cxl/core/mbox.c` and `drivers/cxl/pci.c`, 7.2). A secure erase is done when its command
 * returns; a sanitize goes on in the background, whatever becomes of the kernel's device meanwhile.
 */
import type { Devres } from '../../driver-core/devres.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { MemoryHardware } from '../objects/memory-hardware.ts';
import type { SecurityCommand } from '../objects/security-points.ts';

/** Hardware takes minutes, or hours; a test has to wait for it. */
const SANITIZE_MILLISECONDS = 100;

function begin(memdev: Memdev, operation: SecurityCommand['operation']): SecurityCommand {
  const command = { memdev, operation, milliseconds: SANITIZE_MILLISECONDS };
  memdev.hardware.security.commands.pass(command);
  return command;
}

function eraseAll(hardware: MemoryHardware): void {
  hardware.poison.clear();
  hardware.security.erased.pass(hardware);
}

/** Throws what a fault throws. */
export function startSanitize(memdev: Memdev, { work }: Kernel): void {
  const { hardware } = memdev;
  const { milliseconds } = begin(memdev, 'sanitize');
  hardware.stopSanitize = work.after(milliseconds, `sanitize ${memdev.name}`, () => {
    hardware.stopSanitize = undefined;
    try {
      eraseAll(hardware);
    } finally {
      // Whatever the keeper of the contents met, the operation is over.
      hardware.sanitizeNotifier?.();
    }
  });
}

/** Throws what a fault throws. */
export function secureErase(memdev: Memdev): void {
  begin(memdev, 'erase');
  eraseAll(memdev.hardware);
}

/**
 * devm_cxl_sanitize_setup_notifier(): the end of a sanitize wakes pollers of `security/state`, as
 * long as the driver of the PCI function is bound.
 */
export function setUpSanitizeNotifier(memdev: Memdev, { log }: Kernel, devres: Devres): void {
  const { hardware } = memdev;
  hardware.sanitizeNotifier = () => {
    log.print('debug', `cxl_pci ${hardware.config.address}: ${memdev.name} is sanitized`);
    const security = memdev.device?.directory?.lookup('security');
    const state = security?.kind === 'directory' ? security.lookup('state') : undefined;
    if (state?.kind === 'file') state.notify();
  };
  devres.add(`sanitize notifier ${memdev.name}`, () => {
    hardware.sanitizeNotifier = undefined;
  });
}

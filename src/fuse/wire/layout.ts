/**
 * Layouts of C structs as data: one table gives the offsets that the handlers read and write at,
 * and the field names that the trace prints. All FUSE structs carry their padding as named fields,
 * so offsets are plain sums.
 */
export type FieldType = 'u16' | 'u32' | 'i32' | 'u64';

export const WIDTH: Readonly<Record<FieldType, number>> = { u16: 2, u32: 4, i32: 4, u64: 8 };

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly offset: number;
}

export interface Layout<Name extends string = string> {
  /** sizeof, in bytes. */
  readonly size: number;
  /** offsetof each field. */
  readonly at: Readonly<Record<Name, number>>;
  readonly fields: readonly Field[];
}

export function layout<const Shape extends Readonly<Record<string, FieldType>>>(
  shape: Shape,
): Layout<keyof Shape & string> {
  const fields: Field[] = [];
  let size = 0;
  for (const [name, type] of Object.entries(shape)) {
    fields.push({ name, type, offset: size });
    size += WIDTH[type];
  }
  const at = Object.fromEntries(fields.map((field) => [field.name, field.offset])) as Record<
    keyof Shape & string,
    number
  >;
  return { size, at, fields };
}

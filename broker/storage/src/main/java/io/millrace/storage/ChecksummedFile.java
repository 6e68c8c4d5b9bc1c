package io.millrace.storage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Small files that are written as a whole and tell when they are damaged.
 *
 * <pre>
 * magic 4 | contents | CRC-32C of both 4
 * </pre>
 */
final class ChecksummedFile {

    private ChecksummedFile() {}

    static void write(Disk disk, Path file, int magic, ByteBuffer contents, boolean forced) {
        ByteBuffer whole = ByteBuffer.allocate(Integer.BYTES + contents.remaining() + Integer.BYTES);
        whole.putInt(magic).put(contents);
        whole.putInt(checksum(whole.array(), whole.position()));
        disk.replace(file, whole.array(), forced);
    }

    /** The contents; empty when the file is missing, damaged or something else. */
    static Optional<ByteBuffer> read(Disk disk, Path file, int magic) {
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        byte[] whole = disk.read(file);
        int end = whole.length - Integer.BYTES;
        if (end < Integer.BYTES) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(whole);
        if (buffer.getInt(0) != magic || buffer.getInt(end) != checksum(whole, end)) {
            return Optional.empty();
        }
        return Optional.of(buffer.slice(Integer.BYTES, end - Integer.BYTES));
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}

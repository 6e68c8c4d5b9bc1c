package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.ProducerRecord;
import io.millrace.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a record of a line: the value, or key, separator and value.
 *
 * @param partition null: by the key
 * @param keySeparator null where lines have no keys
 * @param nullAs a key or value that is exactly this is null; null where none is
 * @param headers of every record
 */
record RecordLines(
        String destination,
        @Nullable Integer partition,
        @Nullable String keySeparator,
        @Nullable String nullAs,
        List<RecordHeader> headers)
        implements RecordReader {

    @Override
    public ProducerRecord read(String line) {
        int separator = keySeparator == null ? -1 : line.indexOf(keySeparator);
        if (keySeparator == null || separator < 0) {
            return new ProducerRecord(destination, partition, null, null, bytes(line), headers);
        }
        byte[] key = bytes(line.substring(0, separator));
        byte[] value = bytes(line.substring(separator + keySeparator.length()));
        return new ProducerRecord(destination, partition, null, key, value, headers);
    }

    private byte @Nullable [] bytes(String text) {
        return text.equals(nullAs) ? null : text.getBytes(UTF_8);
    }
}

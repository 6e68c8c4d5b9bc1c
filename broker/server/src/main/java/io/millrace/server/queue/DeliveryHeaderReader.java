package io.millrace.server.queue;

import io.millrace.coordinator.queue.DeliveryHeaders;
import io.millrace.record.RecordVisitor;
import io.millrace.selector.ReservedHeaders;
import io.millrace.selector.Utf8;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a record says of its delivery, as the message made of it would say: of several headers with one name the last counts, and
 * what is no number stands for the default.
 *
 * <p>Makes no objects. Not safe for use by several threads.
 */
final class DeliveryHeaderReader implements RecordVisitor {
    private static final byte[] PRIORITY = bytes(ReservedHeaders.PRIORITY);
    private static final byte[] EXPIRATION = bytes(ReservedHeaders.EXPIRATION);
    private static final byte[] DELIVERY_TIME = bytes(ReservedHeaders.DELIVERY_TIME);
    private static final int DIGITS_MAX =
            18; // what more say does not fit into a long, or is thousands of centuries away

    private final DeliveryHeaders headers = new DeliveryHeaders();

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /** Of the record that was visited last; changes with the next. */
    DeliveryHeaders headers() {
        return headers;
    }

    @Override
    public void onKey(ByteBuf records, int index, int length) {
        headers.clear();
        if (length >= 0 && isText(records, index, length)) {
            headers.group(hash(records, index, length));
        }
    }

    /** A key that is no UTF-8 is no group. */
    private static boolean isText(ByteBuf records, int index, int length) {
        for (int at = index; at < index + length; at++) {
            if (records.getByte(at) < 0) {
                return Utf8.decode(ByteBufUtil.getBytes(records, index, length)).isPresent();
            }
        }
        return true;
    }

    /** FNV-1a, its bits mixed once more. */
    private static long hash(ByteBuf records, int index, int length) {
        long hash = 0xcbf29ce484222325L;
        for (int at = index; at < index + length; at++) {
            hash = (hash ^ (records.getByte(at) & 0xff)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 32)) * 0x9e3779b97f4a7c15L;
        return hash ^ (hash >>> 29);
    }

    @Override
    public void onHeader(ByteBuf records, int nameIndex, int nameLength, int valueIndex, int valueLength) {
        if (valueLength < 0) {
            return;
        }
        if (isName(PRIORITY, records, nameIndex, nameLength)) {
            headers.priority(number(records, valueIndex, valueLength, DeliveryHeaders.DEFAULT_PRIORITY));
        } else if (isName(EXPIRATION, records, nameIndex, nameLength)) {
            headers.expirationMs(number(records, valueIndex, valueLength, DeliveryHeaders.NONE));
        } else if (isName(DELIVERY_TIME, records, nameIndex, nameLength)) {
            headers.deliveryTimeMs(number(records, valueIndex, valueLength, DeliveryHeaders.NONE));
        }
    }

    /** Whether these bytes are the name. */
    static boolean isName(byte[] name, ByteBuf records, int index, int length) {
        if (length != name.length) {
            return false;
        }
        for (int i = length - 1; i >= 0; i--) { // the names differ at their ends
            if (records.getByte(index + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private static long number(ByteBuf records, int index, int length, long otherwise) {
        boolean isSigned = length > 0 && (records.getByte(index) == '-' || records.getByte(index) == '+');
        int first = isSigned ? index + 1 : index;
        int digits = index + length - first;
        if (digits == 0 || digits > DIGITS_MAX) {
            return otherwise;
        }
        long number = 0;
        for (int at = first; at < first + digits; at++) {
            int digit = records.getByte(at) - '0';
            if (digit < 0 || digit > 9) {
                return otherwise;
            }
            number = 10 * number + digit;
        }
        return isSigned && records.getByte(index) == '-' ? -number : number;
    }
}

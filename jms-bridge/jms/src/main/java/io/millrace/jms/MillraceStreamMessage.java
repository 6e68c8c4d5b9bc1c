package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is typed values in a row. The record's value is a CBOR array.
 *
 * <p>It is written first, then read: {@link #reset} turns it round, receiving does so too. A field that could not be
 * converted is the next one still, and may be read as another type.
 */
final class MillraceStreamMessage extends MillraceMessage implements StreamMessage {
    /** No field's bytes are being read in pieces. */
    private static final int NOT_IN_FIELD = -1;

    private final List<@Nullable Object> fields;
    private boolean reading;
    private int next;
    private int bytesRead = NOT_IN_FIELD;

    MillraceStreamMessage() {
        this.fields = new ArrayList<>();
    }

    /**
     * To be read.
     *
     * @param fields taken over
     */
    MillraceStreamMessage(List<@Nullable Object> fields) {
        this.fields = fields;
        this.reading = true;
    }

    @Override
    public boolean readBoolean() throws JMSException {
        boolean value = ValueConversion.FIELD.toBoolean(next, peek());
        next++;
        return value;
    }

    @Override
    public byte readByte() throws JMSException {
        byte value = ValueConversion.FIELD.toByte(next, peek());
        next++;
        return value;
    }

    @Override
    public short readShort() throws JMSException {
        short value = ValueConversion.FIELD.toShort(next, peek());
        next++;
        return value;
    }

    @Override
    public char readChar() throws JMSException {
        char value = ValueConversion.FIELD.toChar(next, peek());
        next++;
        return value;
    }

    @Override
    public int readInt() throws JMSException {
        int value = ValueConversion.FIELD.toInt(next, peek());
        next++;
        return value;
    }

    @Override
    public long readLong() throws JMSException {
        long value = ValueConversion.FIELD.toLong(next, peek());
        next++;
        return value;
    }

    @Override
    public float readFloat() throws JMSException {
        float value = ValueConversion.FIELD.toFloat(next, peek());
        next++;
        return value;
    }

    @Override
    public double readDouble() throws JMSException {
        double value = ValueConversion.FIELD.toDouble(next, peek());
        next++;
        return value;
    }

    @Override
    public @Nullable String readString() throws JMSException {
        String value = ValueConversion.FIELD.toText(next, peek());
        next++;
        return value;
    }

    @Override
    public @Nullable Object readObject() throws JMSException {
        Object value = TypedValues.copy(peek());
        next++;
        return value;
    }

    /**
     * The next piece of the next field's bytes. The field has ended when fewer bytes were read than the array holds; where it
     * was filled, the next call tells, with -1 if there are no more.
     */
    @Override
    public int readBytes(byte[] value) throws JMSException {
        Object field = peekWhole();
        if (field == null) {
            next++;
            return -1;
        }
        if (!(field instanceof byte[] bytes)) {
            throw new MessageFormatException("The stream's field " + next + " is a "
                    + field.getClass().getSimpleName() + "; its bytes cannot be read");
        }
        int from = Math.max(0, bytesRead);
        boolean hasEnded = bytesRead != NOT_IN_FIELD && from == bytes.length;
        int count = Math.min(value.length, bytes.length - from);
        System.arraycopy(bytes, from, value, 0, count);
        if (hasEnded || count < value.length) {
            bytesRead = NOT_IN_FIELD;
            next++;
        } else {
            bytesRead = from + count;
        }
        return hasEnded ? -1 : count;
    }

    /** The next field, which stays the next one. */
    private @Nullable Object peek() throws JMSException {
        Object field = peekWhole();
        if (bytesRead != NOT_IN_FIELD) {
            throw new MessageFormatException(
                    "The bytes of the stream's field " + next + " have been read in part; call "
                            + "readBytes until it returns less than the array's length, or -1");
        }
        return field;
    }

    private @Nullable Object peekWhole() throws MessageNotReadableException, MessageEOFException {
        if (!reading) {
            throw new MessageNotReadableException("The body is being written; call reset() to read it");
        }
        if (next == fields.size()) {
            throw new MessageEOFException("The body has " + fields.size() + " fields; all have been read");
        }
        return fields.get(next);
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(value);
    }

    @Override
    public void writeString(@Nullable String value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte @Nullable [] value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(TypedValues.copy(value, offset, length));
    }

    @Override
    public void writeObject(@Nullable Object value) throws JMSException {
        write(value);
    }

    private void write(@Nullable Object value) throws MessageFormatException, MessageNotWriteableException {
        if (reading) {
            throw new MessageNotWriteableException("The body is read-only, as the message was received or reset; call "
                    + "clearBody() to write it anew");
        }
        fields.add(TypedValues.requireStorable("A stream's field", value));
    }

    /** Makes the body read-only and goes to its beginning. */
    @Override
    public void reset() {
        reading = true;
        next = 0;
        bytesRead = NOT_IN_FIELD;
    }

    @Override
    public void clearBody() {
        fields.clear();
        reset();
        reading = false;
    }

    /** A stream has no body that could be had at once, whatever the type. */
    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        throw new MessageFormatException("A StreamMessage has no body of one type; read its fields one by one");
    }

    @Override
    public boolean isBodyAssignableTo(@SuppressWarnings("rawtypes") Class bodyType) {
        return false;
    }

    /** Sending leaves the message as it is: more may be written afterwards. */
    @Override
    byte[] encodeBody() throws JMSException {
        return CborWriter.encode(fields);
    }

    @Override
    BodyKind bodyKind() {
        return BodyKind.STREAM;
    }
}

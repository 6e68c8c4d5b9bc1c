package io.millrace.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is bytes; the record's value is those bytes.
 *
 * <p>It is written first, then read: {@link #reset} turns it round, sending and receiving do so too. Numbers are
 * big-endian and strings are in modified UTF-8, as {@link DataOutputStream} writes them.
 */
final class MillraceBytesMessage extends MillraceMessage implements BytesMessage {
    private ByteArrayOutputStream written = new ByteArrayOutputStream();
    private DataOutputStream output = new DataOutputStream(written);
    private byte[] content = new byte[0];
    private @Nullable DataInputStream input;

    MillraceBytesMessage() {}

    /** To be read. */
    MillraceBytesMessage(byte[] content) {
        this.content = content;
        this.input = new DataInputStream(new ByteArrayInputStream(content));
    }

    @Override
    public long getBodyLength() throws JMSException {
        input();
        return content.length;
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(DataInputStream::readBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(DataInputStream::readByte);
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return read(DataInputStream::readUnsignedByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(DataInputStream::readShort);
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return read(DataInputStream::readUnsignedShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(DataInputStream::readChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(DataInputStream::readInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(DataInputStream::readLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(DataInputStream::readFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(DataInputStream::readDouble);
    }

    @Override
    public String readUTF() throws JMSException {
        return read(stream -> stream.readUTF());
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        return readBytes(value, value.length);
    }

    @Override
    public int readBytes(byte[] value, int length) throws JMSException {
        if (length < 0 || length > value.length) {
            throw new IndexOutOfBoundsException(
                    "The length is " + length + "; it must be from 0 to the array's length, " + value.length);
        }
        if (length == 0) {
            input();
            return 0;
        }
        int count = read(stream -> stream.readNBytes(value, 0, length));
        return count == 0 ? -1 : count;
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(stream -> stream.writeBoolean(value));
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(stream -> stream.writeByte(value));
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(stream -> stream.writeShort(value));
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(stream -> stream.writeChar(value));
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(stream -> stream.writeInt(value));
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(stream -> stream.writeLong(value));
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(stream -> stream.writeFloat(value));
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(stream -> stream.writeDouble(value));
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        write(stream -> stream.writeUTF(value));
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write(stream -> stream.write(value));
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(stream -> stream.write(value, offset, length));
    }

    @Override
    public void writeObject(@Nullable Object value) throws JMSException {
        if (value == null) {
            throw new NullPointerException(
                    "writeObject was called with null; it takes a primitive's object, a String or " + "a byte[]");
        }
        if (value instanceof Boolean v) {
            writeBoolean(v);
        } else if (value instanceof Byte v) {
            writeByte(v);
        } else if (value instanceof Short v) {
            writeShort(v);
        } else if (value instanceof Character v) {
            writeChar(v);
        } else if (value instanceof Integer v) {
            writeInt(v);
        } else if (value instanceof Long v) {
            writeLong(v);
        } else if (value instanceof Float v) {
            writeFloat(v);
        } else if (value instanceof Double v) {
            writeDouble(v);
        } else if (value instanceof String v) {
            writeUTF(v);
        } else if (value instanceof byte[] v) {
            writeBytes(v);
        } else {
            throw new MessageFormatException("writeObject was called with a "
                    + value.getClass().getName() + "; it takes a primitive's object, a String or a byte[]");
        }
    }

    /** Makes the body read-only and goes to its beginning. */
    @Override
    public void reset() {
        if (input == null) {
            content = written.toByteArray();
        }
        input = new DataInputStream(new ByteArrayInputStream(content));
    }

    @Override
    public void clearBody() {
        written = new ByteArrayOutputStream();
        output = new DataOutputStream(written);
        content = new byte[0];
        input = null;
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        reset();
        return super.getBody(bodyType);
    }

    @Override
    @Nullable
    Object body() {
        byte[] bytes = encodeBody();
        return bytes.length == 0 ? null : bytes.clone();
    }

    /** Sending leaves the message as it is: more may be written afterwards. */
    @Override
    byte[] encodeBody() {
        return input == null ? written.toByteArray() : content;
    }

    @Override
    BodyKind bodyKind() {
        return BodyKind.BYTES;
    }

    private DataInputStream input() throws MessageNotReadableException {
        if (input == null) {
            throw new MessageNotReadableException("The body is being written; call reset() to read it");
        }
        return input;
    }

    private <T> T read(Reading<T> reading) throws JMSException {
        DataInputStream stream = input();
        try {
            return reading.from(stream);
        } catch (EOFException e) {
            throw Failures.caused(
                    new MessageEOFException("The body of " + content.length + " bytes ends before this value does"), e);
        } catch (IOException e) {
            throw Failures.caused(new MessageFormatException("The body has no such value here: " + e.getMessage()), e);
        }
    }

    private void write(Writing writing) throws JMSException {
        if (input != null) {
            throw new MessageNotWriteableException("The body is read-only, as the message was received or reset; call "
                    + "clearBody() to write it anew");
        }
        try {
            writing.to(output);
        } catch (IOException e) {
            throw Failures.caused(new MessageFormatException("The value cannot be written: " + e.getMessage()), e);
        }
    }

    @FunctionalInterface
    private interface Reading<T> {
        T from(DataInputStream stream) throws IOException;
    }

    @FunctionalInterface
    private interface Writing {
        void to(DataOutputStream stream) throws IOException;
    }
}

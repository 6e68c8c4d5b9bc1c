package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.ConversionTable.Cell;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.StreamMessage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 3.11.3: messages of typed values in a row. */
class StreamMessageTest {
    private final StreamMessage message = new MillraceStreamMessage();

    @FunctionalInterface
    private interface Reader {
        Object of(StreamMessage message) throws JMSException;
    }

    private static final Map<String, Reader> READERS = Map.of(
            "boolean", StreamMessage::readBoolean,
            "byte", StreamMessage::readByte,
            "short", StreamMessage::readShort,
            "char", StreamMessage::readChar,
            "int", StreamMessage::readInt,
            "long", StreamMessage::readLong,
            "float", StreamMessage::readFloat,
            "double", StreamMessage::readDouble,
            "String", StreamMessage::readString,
            "byte[]", StreamMessageTest::readTwoBytes);

    private static byte[] readTwoBytes(StreamMessage message) throws JMSException {
        byte[] bytes = new byte[2];
        assertThat(message.readBytes(bytes)).isEqualTo(2);
        assertThat(message.readBytes(bytes)).isEqualTo(-1);
        return bytes;
    }

    static List<Cell> cells() {
        return ConversionTable.cells();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void everyTypeIsReadAsTheTableSaysAndARefusalLeavesTheFieldWhereItWas(Cell cell) throws JMSException {
        message.writeObject(cell.written());
        write(message, cell.written());
        message.writeString("end");
        StreamMessage received = Records.received(message);
        message.reset();

        for (StreamMessage read : List.of(message, received)) {
            for (int field = 0; field < 2; field++) {
                if (cell.expected() == null) {
                    assertThatThrownBy(() -> READERS.get(cell.readType()).of(read))
                            .isInstanceOf(MessageFormatException.class);
                    assertThat(read.readObject()).isEqualTo(cell.written()).hasSameClassAs(cell.written());
                } else {
                    assertThat(READERS.get(cell.readType()).of(read)).isEqualTo(cell.expected());
                }
            }
            assertThat(read.readString()).isEqualTo("end");
            assertThatThrownBy(() -> READERS.get(cell.readType()).of(read)).isInstanceOf(MessageEOFException.class);
        }
    }

    private static void write(StreamMessage message, Object value) throws JMSException {
        switch (value.getClass().getSimpleName()) {
            case "Boolean" -> message.writeBoolean((Boolean) value);
            case "Byte" -> message.writeByte((Byte) value);
            case "Short" -> message.writeShort((Short) value);
            case "Character" -> message.writeChar((Character) value);
            case "Integer" -> message.writeInt((Integer) value);
            case "Long" -> message.writeLong((Long) value);
            case "Float" -> message.writeFloat((Float) value);
            case "Double" -> message.writeDouble((Double) value);
            case "String" -> message.writeString((String) value);
            default -> message.writeBytes((byte[]) value);
        }
    }

    @Test
    void textThatIsNoNumberStaysTheNextField() throws JMSException {
        message.writeString("many");
        message.reset();

        for (String type : List.of("byte", "short", "int", "long", "float", "double")) {
            assertThatThrownBy(() -> READERS.get(type).of(message)).isInstanceOf(NumberFormatException.class);
        }
        assertThat(message.readString()).isEqualTo("many");
    }

    @Test
    void nullConvertsAsValueOfNullDoes() throws JMSException {
        message.writeString(null);
        message.writeBytes(null);
        message.writeObject(null);
        message.writeObject(null);
        StreamMessage received = Records.received(message);

        for (String type : List.of("byte", "short", "int", "long")) {
            assertThatThrownBy(() -> READERS.get(type).of(received)).isInstanceOf(NumberFormatException.class);
        }
        for (String type : List.of("float", "double", "char")) {
            assertThatThrownBy(() -> READERS.get(type).of(received)).isInstanceOf(NullPointerException.class);
        }
        assertThat(received.readString()).isNull();
        assertThat(received.readBytes(new byte[2])).isEqualTo(-1);
        assertThat(received.readObject()).isNull();
        assertThat(received.readBoolean()).isFalse();
    }

    @Test
    void bytesAreReadInPiecesUntilAPieceIsShort() throws JMSException {
        message.writeBytes(new byte[] {1, 2, 3, 4, 5});
        message.writeInt(6);
        message.reset();
        byte[] two = new byte[2];

        assertThat(message.readBytes(two)).isEqualTo(2);
        assertThat(two).containsExactly(1, 2);
        assertThat(message.readBytes(two)).isEqualTo(2);
        assertThat(two).containsExactly(3, 4);
        assertThat(message.readBytes(two)).isEqualTo(1);
        assertThat(two[0]).isEqualTo((byte) 5);
        assertThat(message.readInt()).isEqualTo(6);
    }

    @Test
    void bytesThatFilledTheirLastPieceEndWithMinusOne() throws JMSException {
        message.writeBytes(new byte[] {1, 2});
        message.writeBytes(new byte[0]);
        message.writeBytes(new byte[] {3, 4}, 1, 1);
        message.reset();
        byte[] two = new byte[2];

        assertThat(message.readBytes(two)).isEqualTo(2);
        assertThat(message.readBytes(two)).isEqualTo(-1);
        assertThat(message.readBytes(two)).isZero();
        assertThat(message.readBytes(two)).isEqualTo(1);
        assertThat(two[0]).isEqualTo((byte) 4);
        assertThatThrownBy(() -> message.readBytes(two)).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void bytesReadInPartMustBeReadWholeBeforeTheNextField() throws JMSException {
        message.writeBytes(new byte[] {1, 2, 3});
        message.writeInt(4);
        message.reset();
        byte[] two = new byte[2];
        message.readBytes(two);

        for (String type : List.of("boolean", "int", "String")) {
            assertThatThrownBy(() -> READERS.get(type).of(message)).isInstanceOf(MessageFormatException.class);
        }
        assertThatThrownBy(message::readObject).isInstanceOf(MessageFormatException.class);
        assertThat(message.readBytes(two)).isEqualTo(1);
        assertThat(message.readInt()).isEqualTo(4);
        message.reset();
        assertThat(message.readObject()).isEqualTo(new byte[] {1, 2, 3});
    }

    @Test
    void itIsWrittenFirstAndReadAfterReset() throws JMSException {
        assertThatThrownBy(message::readInt).isInstanceOf(MessageNotReadableException.class);
        assertThatThrownBy(message::readObject).isInstanceOf(MessageNotReadableException.class);
        assertThatThrownBy(() -> message.readBytes(new byte[1])).isInstanceOf(MessageNotReadableException.class);
        message.writeInt(1);
        message.reset();
        assertThatThrownBy(() -> message.writeInt(2)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(message.readInt()).isEqualTo(1);
        message.reset();
        assertThat(message.readInt()).isEqualTo(1);
        message.clearBody();
        assertThatThrownBy(message::readInt).isInstanceOf(MessageNotReadableException.class);
        message.writeInt(3);
        message.reset();
        assertThat(message.readInt()).isEqualTo(3);
    }

    @Test
    void aReceivedStreamIsReadFromItsBeginningAndReadOnlyUntilCleared() throws JMSException {
        message.writeInt(1);
        StreamMessage received = Records.received(message);
        message.writeInt(2);

        assertThat(received.readInt()).isEqualTo(1);
        assertThatThrownBy(received::readInt).isInstanceOf(MessageEOFException.class);
        assertThatThrownBy(() -> received.writeInt(2)).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        received.writeInt(3);
        received.reset();
        assertThat(received.readInt()).isEqualTo(3);
    }

    @Test
    void otherObjectsAreRefused() throws JMSException {
        assertThatThrownBy(() -> message.writeObject(List.of())).isInstanceOf(MessageFormatException.class);
        message.reset();
        assertThatThrownBy(message::readObject).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void itHasNoBodyOfOneType() throws JMSException {
        assertThat(message.isBodyAssignableTo(Object.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(Object.class)).isInstanceOf(MessageFormatException.class);
        message.writeInt(1);
        assertThat(message.isBodyAssignableTo(Integer.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(Integer.class)).isInstanceOf(MessageFormatException.class);
    }
}

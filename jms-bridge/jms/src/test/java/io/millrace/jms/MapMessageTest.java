package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.ConversionTable.Cell;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 3.11.3: messages of typed values by name. */
class MapMessageTest {
    private final MapMessage message = new MillraceMapMessage();

    @FunctionalInterface
    private interface Getter {
        Object of(MapMessage message, String name) throws JMSException;
    }

    private static final Map<String, Getter> GETTERS = Map.of(
            "boolean", MapMessage::getBoolean,
            "byte", MapMessage::getByte,
            "short", MapMessage::getShort,
            "char", MapMessage::getChar,
            "int", MapMessage::getInt,
            "long", MapMessage::getLong,
            "float", MapMessage::getFloat,
            "double", MapMessage::getDouble,
            "String", MapMessage::getString,
            "byte[]", MapMessage::getBytes);

    static List<Cell> cells() {
        return ConversionTable.cells();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void everyTypeIsReadAsTheTableSaysBeforeAndAfterItTravelled(Cell cell) throws JMSException {
        message.setObject("n", cell.written());
        set(message, "m", cell.written());

        for (MapMessage read : List.of(message, Records.received(message))) {
            for (String name : List.of("n", "m")) {
                if (cell.expected() == null) {
                    assertThatThrownBy(() -> GETTERS.get(cell.readType()).of(read, name))
                            .isInstanceOf(MessageFormatException.class)
                            .hasMessageContaining("'" + name + "'");
                } else {
                    assertThat(GETTERS.get(cell.readType()).of(read, name)).isEqualTo(cell.expected());
                }
                assertThat(read.getObject(name)).isEqualTo(cell.written()).hasSameClassAs(cell.written());
            }
        }
    }

    private static void set(MapMessage message, String name, Object value) throws JMSException {
        switch (value.getClass().getSimpleName()) {
            case "Boolean" -> message.setBoolean(name, (Boolean) value);
            case "Byte" -> message.setByte(name, (Byte) value);
            case "Short" -> message.setShort(name, (Short) value);
            case "Character" -> message.setChar(name, (Character) value);
            case "Integer" -> message.setInt(name, (Integer) value);
            case "Long" -> message.setLong(name, (Long) value);
            case "Float" -> message.setFloat(name, (Float) value);
            case "Double" -> message.setDouble(name, (Double) value);
            case "String" -> message.setString(name, (String) value);
            default -> message.setBytes(name, (byte[]) value);
        }
    }

    @Test
    void textThatIsNoNumberIsRefusedAsItsTypeRefusesIt() throws JMSException {
        message.setString("n", "many");

        for (String type : List.of("byte", "short", "int", "long", "float", "double")) {
            assertThatThrownBy(() -> GETTERS.get(type).of(message, "n")).isInstanceOf(NumberFormatException.class);
        }
        assertThat(message.getBoolean("n")).isFalse();
    }

    @Test
    void nullAndWhatIsMissingConvertAsValueOfNullDoes() throws JMSException {
        message.setString("null", null);
        message.setBytes("bytes", null);
        message.setObject("object", null);

        assertThat(Records.received(message).itemExists("null")).isTrue();
        for (String name : List.of("null", "bytes", "object", "missing")) {
            assertThat(message.getBoolean(name)).isFalse();
            assertThat(message.getString(name)).isNull();
            assertThat(message.getBytes(name)).isNull();
            assertThat(message.getObject(name)).isNull();
            for (String type : List.of("byte", "short", "int", "long")) {
                assertThatThrownBy(() -> GETTERS.get(type).of(message, name)).isInstanceOf(NumberFormatException.class);
            }
            for (String type : List.of("float", "double", "char")) {
                assertThatThrownBy(() -> GETTERS.get(type).of(message, name)).isInstanceOf(NullPointerException.class);
            }
        }
    }

    @Test
    void namesAreOfTextAndDifferByCase() throws JMSException {
        message.setInt("size", 1);
        message.setInt("Size", 2);
        message.setInt("two words", 3);

        List<?> names =
                Collections.list((Enumeration<?>) Records.received(message).getMapNames());
        assertThat(names.stream().map(Object::toString)).containsExactlyInAnyOrder("size", "Size", "two words");
        assertThat(message.getInt("Size")).isEqualTo(2);
        assertThat(message.itemExists("SIZE")).isFalse();
        for (String name : new String[] {null, ""}) {
            assertThatThrownBy(() -> message.setInt(name, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> message.setObject(name, "a")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> message.setBytes(name, new byte[1], 0, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> message.getInt(name)).isInstanceOf(IllegalArgumentException.class);
            assertThat(message.itemExists(name)).isFalse();
        }
    }

    @Test
    void bytesAreCopiedOnTheWayInAndOut() throws JMSException {
        byte[] bytes = {1, 2, 3, 4};
        message.setBytes("all", bytes);
        message.setBytes("part", bytes, 1, 2);
        bytes[1] = 99;

        message.getBytes("all")[0] = 99;
        ((byte[]) message.getObject("all"))[0] = 99;
        assertThat(message.getBytes("all")).containsExactly(1, 2, 3, 4);
        assertThat(message.getBytes("part")).containsExactly(2, 3);
        assertThatThrownBy(() -> message.setBytes("part", bytes, 3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void otherObjectsAreRefused() throws JMSException {
        for (Object other : List.of(List.of(), new int[1], new Object(), new java.math.BigDecimal(1))) {
            assertThatThrownBy(() -> message.setObject("n", other))
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining(other.getClass().getName());
        }
        assertThat(message.itemExists("n")).isFalse();
    }

    @Test
    void aReceivedMapIsReadOnlyUntilItIsCleared() throws JMSException {
        message.setInt("n", 1);
        MapMessage received = Records.received(message);

        assertThatThrownBy(() -> received.setInt("n", 2)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setObject("m", 2)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.getInt("n")).isEqualTo(1);
        received.clearBody();
        assertThat(received.itemExists("n")).isFalse();
        received.setInt("n", 2);
        assertThat(received.getInt("n")).isEqualTo(2);
    }

    @Test
    void itsBodyIsAMapAndNothingElse() throws JMSException {
        assertThat(message.isBodyAssignableTo(Integer.class)).isTrue();
        assertThat(message.getBody(Integer.class)).isNull();
        message.setBytes("n", new byte[] {1});

        assertThat(message.isBodyAssignableTo(Map.class)).isTrue();
        assertThat(message.isBodyAssignableTo(Object.class)).isTrue();
        assertThat(message.isBodyAssignableTo(HashMap.class)).isFalse();
        Map<?, ?> body = message.getBody(Map.class);
        ((byte[]) body.get("n"))[0] = 9;
        assertThat(message.getBytes("n")).containsExactly(1);
        assertThatThrownBy(() -> message.getBody(HashMap.class)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> message.getBody(String.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void textThatUtf8CannotCarryIsRefusedWhenItIsSent() throws JMSException {
        message.setString("n", "half \ud800");

        assertThatThrownBy(() -> Records.received(message)).isInstanceOf(MessageFormatException.class);
    }
}

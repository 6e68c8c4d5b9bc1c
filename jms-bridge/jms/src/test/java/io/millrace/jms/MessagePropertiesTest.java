package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chapter 3.5: properties, their names and the table of conversions. */
class MessagePropertiesTest {
    private static final Map<String, Object> VALUES = new LinkedHashMap<>();
    /** Which types each value can be read as, besides String; the rest throws. */
    private static final Map<String, Set<String>> READABLE_AS = new LinkedHashMap<>();

    static {
        put("boolean", true, "boolean");
        put("byte", (byte) 7, "byte", "short", "int", "long");
        put("short", (short) 300, "short", "int", "long");
        put("int", 70_000, "int", "long");
        put("long", 1L << 40, "long");
        put("float", 1.5f, "float", "double");
        put("double", 2.5d, "double");
    }

    private static void put(String type, Object value, String... readableAs) {
        VALUES.put(type, value);
        READABLE_AS.put(type, Set.of(readableAs));
    }

    @FunctionalInterface
    private interface Getter {
        Object of(Message message, String name) throws JMSException;
    }

    private static final Map<String, Getter> GETTERS = Map.of(
            "boolean", Message::getBooleanProperty,
            "byte", Message::getByteProperty,
            "short", Message::getShortProperty,
            "int", Message::getIntProperty,
            "long", Message::getLongProperty,
            "float", Message::getFloatProperty,
            "double", Message::getDoubleProperty);

    private final Message message = new MillraceMessage();

    @Test
    void everyConversionOfTheTableIsDoneAndEveryOtherRefused() throws JMSException {
        for (var entry : VALUES.entrySet()) {
            message.setObjectProperty("p", entry.getValue());
            assertThat(message.getStringProperty("p"))
                    .isEqualTo(entry.getValue().toString());
            assertThat(message.getObjectProperty("p")).isEqualTo(entry.getValue());
            for (var getter : GETTERS.entrySet()) {
                if (READABLE_AS.get(entry.getKey()).contains(getter.getKey())) {
                    Object read = getter.getValue().of(message, "p");
                    assertThat(read.toString()).isEqualTo(entry.getValue().toString());
                } else {
                    assertThatThrownBy(() -> getter.getValue().of(message, "p"))
                            .as("a %s read as a %s", entry.getKey(), getter.getKey())
                            .isInstanceOf(MessageFormatException.class);
                }
            }
        }
    }

    @Test
    void aStringIsReadAsWhatItSays() throws JMSException {
        for (var entry : VALUES.entrySet()) {
            message.setStringProperty("p", entry.getValue().toString());

            assertThat(GETTERS.get(entry.getKey()).of(message, "p")).isEqualTo(entry.getValue());
        }
        message.setStringProperty("p", "many");
        assertThatThrownBy(() -> message.getIntProperty("p")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> message.getDoubleProperty("p")).isInstanceOf(NumberFormatException.class);
        assertThat(message.getBooleanProperty("p")).isFalse();
    }

    @Test
    void aMissingPropertyConvertsAsNullDoes() throws JMSException {
        assertThat(message.getStringProperty("none")).isNull();
        assertThat(message.getObjectProperty("none")).isNull();
        assertThat(message.propertyExists("none")).isFalse();
        assertThat(message.getBooleanProperty("none")).isFalse();
        for (String type : List.of("byte", "short", "int", "long")) {
            assertThatThrownBy(() -> GETTERS.get(type).of(message, "none")).isInstanceOf(NumberFormatException.class);
        }
        // As Float.valueOf(null) and Double.valueOf(null) do, which the specification names.
        for (String type : List.of("float", "double")) {
            assertThatThrownBy(() -> GETTERS.get(type).of(message, "none")).isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void aPropertyMayBeNull() throws JMSException {
        message.setStringProperty("p", null);

        assertThat(message.propertyExists("p")).isTrue();
        assertThat(message.getStringProperty("p")).isNull();
        assertThat(names()).containsExactly("p");
    }

    @Test
    void otherObjectsAreRefused() {
        assertThatThrownBy(() -> message.setObjectProperty("p", List.of())).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> message.setObjectProperty("p", 'c')).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> message.setObjectProperty("p", new byte[0]))
                .isInstanceOf(MessageFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a-b", "a b"})
    void namesThatAreNoIdentifiersAreRefused(String name) {
        assertThatThrownBy(() -> message.setIntProperty(name, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void reservedNamesAreRefused() {
        assertThatThrownBy(() -> message.setIntProperty("JMSXDeliveryCount", 1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> message.setStringProperty("JMSType", "a")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> message.setStringProperty(null, "a")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "NULL", "between"})
    void wordsOfTheSelectorLanguageAreNames(String name) throws JMSException {
        message.setIntProperty(name, 1);

        assertThat(names()).containsExactly(name);
        assertThat(message.getIntProperty(name)).isEqualTo(1);
    }

    @Test
    void clearingRemovesAllPropertiesAndLeavesTheBody() throws JMSException {
        var text = new MillraceTextMessage("body");
        text.setIntProperty("a", 1);

        text.clearProperties();

        assertThat(text.propertyExists("a")).isFalse();
        assertThat(text.getText()).isEqualTo("body");
    }

    @Test
    void clearingTheBodyLeavesTheProperties() throws JMSException {
        var text = new MillraceTextMessage("body");
        text.setIntProperty("a", 1);

        text.clearBody();

        assertThat(text.getIntProperty("a")).isEqualTo(1);
        assertThat(text.getText()).isNull();
    }

    @Test
    void bodiesAreReadAsWhatTheyAreAssignableTo() throws JMSException {
        var text = new MillraceTextMessage("body");
        assertThat(text.isBodyAssignableTo(String.class)).isTrue();
        assertThat(text.isBodyAssignableTo(CharSequence.class)).isTrue();
        assertThat(text.isBodyAssignableTo(Integer.class)).isFalse();
        assertThat(text.getBody(Object.class)).isEqualTo("body");
        assertThatThrownBy(() -> text.getBody(byte[].class)).isInstanceOf(MessageFormatException.class);

        assertThat(message.getBody(Integer.class)).isNull();
        assertThat(message.isBodyAssignableTo(Integer.class)).isTrue();
        assertThat(new MillraceTextMessage(null).getBody(Integer.class)).isNull();
    }

    @SuppressWarnings("unchecked") // the specification's signature is raw
    private List<String> names() throws JMSException {
        return Collections.list((Enumeration<String>) message.getPropertyNames());
    }
}

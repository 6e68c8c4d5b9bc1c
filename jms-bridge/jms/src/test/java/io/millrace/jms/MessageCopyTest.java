package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** Chapter 3.12: messages of other providers. */
class MessageCopyTest {
    @Test
    void propertiesAndHeaderFieldsOfTheApplicationAreCopied() throws JMSException {
        var message = new MillraceMessage();
        message.setIntProperty("size", 7);
        message.setJMSType("kind");
        message.setJMSCorrelationID("c");

        var copy = MessageCopy.of(foreign(Message.class, message));

        assertThat(copy.getObjectProperty("size")).isEqualTo(7);
        assertThat(copy.getJMSType()).isEqualTo("kind");
        assertThat(copy.getJMSCorrelationID()).isEqualTo("c");
        assertThat(copy.getClass()).isEqualTo(MillraceMessage.class);
    }

    @Test
    void aTextAndBytesAreCopied() throws JMSException {
        var bytes = new MillraceBytesMessage();
        bytes.writeInt(258);

        assertThat(MessageCopy.of(foreign(TextMessage.class, new MillraceTextMessage("a")))
                        .getBody(String.class))
                .isEqualTo("a");
        assertThat(MessageCopy.of(foreign(BytesMessage.class, bytes)).getBody(byte[].class))
                .containsExactly(0, 0, 1, 2);
    }

    @Test
    void aMapIsCopiedWithItsTypes() throws JMSException {
        var map = new MillraceMapMessage();
        map.setShort("s", (short) 1);
        map.setBytes("b", new byte[] {2});
        map.setString("n", null);

        var copy = (MapMessage) MessageCopy.of(foreign(MapMessage.class, map));

        assertThat(copy.getObject("s")).isEqualTo((short) 1);
        assertThat(copy.getBytes("b")).containsExactly(2);
        assertThat(copy.itemExists("n")).isTrue();
    }

    @Test
    void aStreamIsCopiedFromItsBeginningAndStaysReadable() throws JMSException {
        var stream = new MillraceStreamMessage();
        stream.writeChar('c');
        stream.writeObject(null);
        stream.writeBytes(new byte[0]);
        stream.reset();
        stream.readChar();

        var copy = (StreamMessage) MessageCopy.of(foreign(StreamMessage.class, stream));

        for (StreamMessage read : new StreamMessage[] {copy, stream}) {
            assertThat(read.readChar()).isEqualTo('c');
            assertThat(read.readObject()).isNull();
            assertThat((byte[]) read.readObject()).isEmpty();
            assertThatThrownBy(read::readObject).isInstanceOf(MessageEOFException.class);
        }
    }

    @Test
    void anObjectIsCopied() throws JMSException {
        var object = new MillraceObjectMessage();
        object.setObject(new java.util.ArrayList<>(java.util.List.of(1)));

        var copy = (ObjectMessage) MessageCopy.of(foreign(ObjectMessage.class, object));

        assertThat(copy.getObject()).isEqualTo(java.util.List.of(1));
    }

    /** The same message as nobody of this provider knows it. */
    private static <T extends Message> T foreign(Class<T> type, T message) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(message, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}

package io.millrace.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Enumeration;

/** Messages of other providers as messages of this one (chapter 3.12). */
final class MessageCopy {
    private MessageCopy() {}

    static MillraceMessage of(Message foreign) throws JMSException {
        MillraceMessage copy = body(foreign);
        copy.setJMSCorrelationID(foreign.getJMSCorrelationID());
        copy.setJMSType(foreign.getJMSType());
        copy.setJMSReplyTo(foreign.getJMSReplyTo());
        Enumeration<?> names = foreign.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            if (!name.startsWith("JMSX") || name.startsWith("JMSXGroup")) {
                copy.setObjectProperty(name, foreign.getObjectProperty(name));
            }
        }
        return copy;
    }

    private static MillraceMessage body(Message foreign) throws JMSException {
        if (foreign instanceof TextMessage text) {
            return new MillraceTextMessage(text.getText());
        }
        if (foreign instanceof BytesMessage bytes) {
            bytes.reset();
            if (bytes.getBodyLength() > Integer.MAX_VALUE) {
                throw new MessageFormatException("The body has " + bytes.getBodyLength() + " bytes; that is too large");
            }
            byte[] content = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(content);
            return new MillraceBytesMessage(content);
        }
        if (foreign instanceof MapMessage map) {
            return copy(map);
        }
        if (foreign instanceof StreamMessage stream) {
            return copy(stream);
        }
        if (foreign instanceof ObjectMessage object) {
            MillraceObjectMessage copy = new MillraceObjectMessage();
            copy.setObject(object.getObject());
            return copy;
        }
        return new MillraceMessage();
    }

    private static MillraceMapMessage copy(MapMessage map) throws JMSException {
        MillraceMapMessage copy = new MillraceMapMessage();
        Enumeration<?> names = map.getMapNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            copy.setObject(name, map.getObject(name));
        }
        return copy;
    }

    /** The interface tells the end of a stream by an exception alone. */
    private static MillraceStreamMessage copy(StreamMessage stream) throws JMSException {
        MillraceStreamMessage copy = new MillraceStreamMessage();
        stream.reset();
        try {
            while (true) {
                copy.writeObject(stream.readObject());
            }
        } catch (MessageEOFException ignored) {
            // All fields have been read.
        }
        copy.reset();
        stream.reset();
        return copy;
    }
}

package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is an object; the record's value is its Java serialization.
 *
 * <p>It holds the bytes alone: the object as it was when it was set, read anew whenever it is asked for. A received one is
 * read by the connection's allow-list; what the application itself has set is trusted.
 */
final class MillraceObjectMessage extends MillraceMessage implements ObjectMessage {
    private byte @Nullable [] serialized;
    private ObjectAllowList allowList;
    private boolean readOnly;

    MillraceObjectMessage() {
        this.allowList = ObjectAllowList.EVERYTHING;
    }

    /** @param serialized of a record, which anybody may have written; null: no object */
    MillraceObjectMessage(byte @Nullable [] serialized, ObjectAllowList allowList) {
        this.serialized = serialized;
        this.allowList = allowList;
    }

    @Override
    public void setObject(@Nullable Serializable object) throws JMSException {
        if (readOnly) {
            throw new MessageNotWriteableException(
                    "The message was received, and its body is read-only until clearBody() is called");
        }
        serialized = object == null ? null : SerializedObject.write(object);
        allowList = ObjectAllowList.EVERYTHING;
    }

    @Override
    public @Nullable Serializable getObject() throws JMSException {
        return serialized == null ? null : SerializedObject.read(serialized, allowList);
    }

    @Override
    public void clearBody() {
        serialized = null;
        readOnly = false;
    }

    /** False where the object cannot be read. */
    @Override
    public boolean isBodyAssignableTo(@SuppressWarnings("rawtypes") Class bodyType) throws JMSException {
        try {
            return super.isBodyAssignableTo(bodyType);
        } catch (MessageFormatException ignored) {
            // getBody says why.
            return false;
        }
    }

    @Override
    @Nullable
    Object body() throws JMSException {
        return getObject();
    }

    @Override
    byte @Nullable [] encodeBody() {
        return serialized;
    }

    @Override
    BodyKind bodyKind() {
        return BodyKind.OBJECT;
    }

    @Override
    void onReceived(MessageProperties receivedProperties) {
        super.onReceived(receivedProperties);
        readOnly = true;
    }
}

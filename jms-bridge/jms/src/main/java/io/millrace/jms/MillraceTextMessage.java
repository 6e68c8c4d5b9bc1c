package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.TextMessage;
import org.jspecify.annotations.Nullable;

/** A message whose body is text; the record's value is its UTF-8. */
final class MillraceTextMessage extends MillraceMessage implements TextMessage {
    private @Nullable String text;
    private boolean readOnly;

    MillraceTextMessage(@Nullable String text) {
        this.text = text;
    }

    @Override
    public void setText(@Nullable String newText) throws MessageNotWriteableException {
        if (readOnly) {
            throw new MessageNotWriteableException(
                    "The message was received, and its body is read-only until clearBody() is called");
        }
        this.text = newText;
    }

    @Override
    public @Nullable String getText() {
        return text;
    }

    @Override
    public void clearBody() {
        text = null;
        readOnly = false;
    }

    @Override
    @Nullable
    Object body() {
        return text;
    }

    @Override
    byte @Nullable [] encodeBody() throws JMSException {
        return text == null ? null : encodeText(text);
    }

    @Override
    BodyKind bodyKind() {
        return BodyKind.TEXT;
    }

    @Override
    void onReceived(MessageProperties receivedProperties) {
        super.onReceived(receivedProperties);
        readOnly = true;
    }
}

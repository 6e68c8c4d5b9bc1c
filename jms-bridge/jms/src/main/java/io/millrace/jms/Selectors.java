package io.millrace.jms;

import io.millrace.record.RecordHeader;
import io.millrace.selector.InvalidSelectorSyntaxException;
import io.millrace.selector.MessageSelector;
import io.millrace.selector.RecordFields;
import io.millrace.selector.RecordView;
import jakarta.jms.InvalidSelectorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Message selectors over what was received. */
final class Selectors {
    private Selectors() {}

    /** @throws InvalidSelectorException says where the text is wrong and what would be right */
    static MessageSelector parse(@Nullable String selector) throws InvalidSelectorException {
        try {
            return MessageSelector.parse(selector);
        } catch (InvalidSelectorSyntaxException e) {
            throw Failures.caused(new InvalidSelectorException(e.getMessage()), e);
        }
    }

    /** As {@code getMessageSelector} tells it: null where there is none. */
    static @Nullable String text(MessageSelector selector) {
        return selector.isAll() ? null : selector.text();
    }

    static boolean matches(MessageSelector selector, MessageDecoder.Content content) {
        return selector.isAll() || selector.matches(new RecordView(new Fields(content)));
    }

    private record Fields(MessageDecoder.Content content) implements RecordFields {
        private List<RecordHeader> headers() {
            return content.headers();
        }

        @Override
        public int headerCount() {
            return headers().size();
        }

        @Override
        public String headerName(int index) {
            return headers().get(index).key();
        }

        @Override
        public byte @Nullable [] headerValue(int index) {
            return headers().get(index).value();
        }

        @Override
        public byte @Nullable [] key() {
            return content.key();
        }

        @Override
        public long timestampMs() {
            return content.timestampMs();
        }

        @Override
        public String foreignMessageId() {
            return content.foreignMessageId();
        }
    }
}

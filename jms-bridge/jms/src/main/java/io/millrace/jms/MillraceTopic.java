package io.millrace.jms;

import io.millrace.client.DestinationKind;
import jakarta.jms.Topic;

/** A topic, known by its name. */
public sealed class MillraceTopic extends MillraceDestination implements Topic permits MillraceTemporaryTopic {
    private static final long serialVersionUID = 1;

    /** For containers, which set the name afterwards. */
    public MillraceTopic() {
        this("");
    }

    public MillraceTopic(String name) {
        super(name);
    }

    @Override
    public final String getTopicName() {
        return getName();
    }

    @Override
    public final DestinationKind kind() {
        return DestinationKind.TOPIC;
    }
}

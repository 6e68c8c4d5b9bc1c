package io.millrace.jms;

import io.millrace.client.DestinationKind;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.Reference;
import javax.naming.Referenceable;
import org.jspecify.annotations.Nullable;

/**
 * A topic, known by its name.
 *
 * <p>Equal to every other topic of the same name. The name is a bean property so that containers can set it; nothing is
 * asked of the cluster before the topic is used.
 */
public final class MillraceTopic implements Topic, MillraceDestination, Serializable, Referenceable {
    private static final long serialVersionUID = 1;

    private String name;

    /** For containers, which set the name afterwards. */
    public MillraceTopic() {
        this("");
    }

    public MillraceTopic(String name) {
        this.name = name;
    }

    @Override
    public String getName() {
        return name;
    }

    public void setName(String newName) {
        this.name = newName;
    }

    @Override
    public String getTopicName() {
        return name;
    }

    @Override
    public DestinationKind kind() {
        return DestinationKind.TOPIC;
    }

    @Override
    public Reference getReference() {
        return AdministeredObjectFactory.reference(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MillraceTopic topic && name.equals(topic.name);
    }

    @Override
    public int hashCode() {
        return Objects.hash(MillraceTopic.class.getName(), name);
    }

    @Override
    public String toString() {
        return qualifiedName();
    }
}

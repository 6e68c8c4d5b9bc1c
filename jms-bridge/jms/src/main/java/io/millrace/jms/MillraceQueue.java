package io.millrace.jms;

import io.millrace.client.DestinationKind;
import jakarta.jms.Queue;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.Reference;
import javax.naming.Referenceable;
import org.jspecify.annotations.Nullable;

/**
 * A queue, known by its name.
 *
 * <p>Equal to every other queue of the same name. The name is a bean property so that containers can set it; nothing is
 * asked of the cluster before the queue is used.
 */
public final class MillraceQueue implements Queue, MillraceDestination, Serializable, Referenceable {
    private static final long serialVersionUID = 1;

    private String name;

    /** For containers, which set the name afterwards. */
    public MillraceQueue() {
        this("");
    }

    public MillraceQueue(String name) {
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
    public String getQueueName() {
        return name;
    }

    @Override
    public DestinationKind kind() {
        return DestinationKind.QUEUE;
    }

    @Override
    public Reference getReference() {
        return AdministeredObjectFactory.reference(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MillraceQueue queue && name.equals(queue.name);
    }

    @Override
    public int hashCode() {
        return Objects.hash(MillraceQueue.class.getName(), name);
    }

    @Override
    public String toString() {
        return qualifiedName();
    }
}

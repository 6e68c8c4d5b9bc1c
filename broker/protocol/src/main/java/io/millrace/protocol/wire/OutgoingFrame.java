package io.millrace.protocol.wire;

import java.util.List;

/**
 * A message ready for the network: its parts in order, the first of which begins with the frame's length.
 *
 * <p>Owns its parts, the records of the message among them. Whoever sends the parts takes them over one by one; whoever
 * cannot send calls {@link #release()}, once.
 *
 * @param parts never empty; no part has a size of zero
 * @param sizeInBytes of all parts together, the four bytes of the length included
 */
public record OutgoingFrame(List<Records> parts, int sizeInBytes) {
    public OutgoingFrame {
        parts = List.copyOf(parts);
    }

    public void release() {
        parts.forEach(Records::release);
    }
}

package io.millrace.jms;

import jakarta.jms.IllegalStateException;

/** Which destinations a connection or session was made for (chapter 2.3). */
enum MessagingDomain {
    BOTH("queues and topics"),
    QUEUE("queues"),
    TOPIC("topics");

    private final String what;

    MessagingDomain(String what) {
        this.what = what;
    }

    /** @throws IllegalStateException where this is for the other domain alone */
    void require(MessagingDomain wanted, String operation) throws IllegalStateException {
        if (this != BOTH && this != wanted) {
            throw new IllegalStateException("This was made for " + what + "; it cannot " + operation
                    + ". Make it from a Connection that is neither a QueueConnection nor a TopicConnection");
        }
    }
}

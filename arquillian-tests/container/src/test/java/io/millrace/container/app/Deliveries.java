package io.millrace.container.app;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the beans of this application have seen, in order. */
final class Deliveries {
    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    private Deliveries() {}

    /** A line of text, delivery count and whether it was redelivered; returns the text. */
    static String add(Message message) {
        try {
            String text = ((TextMessage) message).getText();
            SEEN.add(text + " " + message.getIntProperty("JMSXDeliveryCount") + " " + message.getJMSRedelivered());
            return text;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How often the message was delivered to this application, whatever the brokers count. */
    static long timesSeen(String text) {
        return SEEN.stream().filter(line -> line.startsWith(text + " ")).count();
    }

    /** A line {@code done} and the text: the bean will return. */
    static void done(String text) {
        SEEN.add("done " + text);
    }

    static List<String> all() {
        return SEEN;
    }
}

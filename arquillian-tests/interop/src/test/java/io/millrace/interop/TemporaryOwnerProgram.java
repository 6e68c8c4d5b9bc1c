package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/** Asks a question on a queue with a temporary queue for the answer, prints the answer, and goes on until it is killed. */
public final class TemporaryOwnerProgram {
    private static final long ANSWER_MAX_MS = 60_000;

    private TemporaryOwnerProgram() {}

    /** What it prints once it has the answer. */
    static String answered(String text) {
        return "answered " + text;
    }

    public static void main(String[] arguments) throws JMSException, InterruptedException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        try (Connection connection = new MillraceConnectionFactory("millrace://" + arguments[0]).createConnection()) {
            connection.start();
            Session session = connection.createSession();
            var answers = session.createTemporaryQueue();
            var consumer = session.createConsumer(answers);
            Message question = session.createTextMessage("how much?");
            question.setJMSReplyTo(answers);
            session.createProducer(session.createQueue(arguments[1])).send(question);
            Message answer = consumer.receive(ANSWER_MAX_MS);
            out.println(answer == null ? "no answer" : answered(answer.getBody(String.class)));
            new CountDownLatch(1).await(); // whoever started this process kills it
        }
    }
}

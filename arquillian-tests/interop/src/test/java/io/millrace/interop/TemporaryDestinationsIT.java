package io.millrace.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceDestination;
import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Programs;
import io.millrace.testkit.Wait;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueRequestor;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Temporary queues on three real brokers: whose clients are attached to whichever of them. */
class TemporaryDestinationsIT {
    private static final long SOON_MS = 30_000;
    private static final int MANY = 10_000;
    private static final Duration MANY_MAX = Duration.ofSeconds(90);

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private final List<Connection> connections = new ArrayList<>();

    @BeforeAll
    static void startCluster() {
        cluster = ProcessCluster.aCluster(directory).brokers(3).detectingLeaks().start();
        for (String queue : List.of("requests", "of-a-program", "of-a-requestor")) {
            cluster.createQueue(queue, 1, 3);
        }
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @AfterEach
    void close() throws JMSException {
        for (Connection connection : connections) {
            connection.close();
        }
    }

    private static MillraceConnectionFactory factory(String query) {
        return new MillraceConnectionFactory("millrace://" + cluster.bootstrapServers() + query);
    }

    private Session session() throws JMSException {
        Connection connection = factory("").createConnection();
        connections.add(connection);
        connection.start();
        return connection.createSession();
    }

    /** The name tells the broker that has it: {@code temporary-queue:3:...}. */
    private static int brokerOf(TemporaryQueue queue) {
        return Integer.parseInt(((MillraceDestination) queue).getName().split(":")[1]);
    }

    /** A session whose connection has its temporary destinations at a broker; connections choose any. */
    private Session sessionAt(int brokerId) throws JMSException {
        while (true) {
            Session session = session();
            TemporaryQueue probe = session.createTemporaryQueue();
            probe.delete();
            if (brokerOf(probe) == brokerId) {
                return session;
            }
        }
    }

    @Test
    void clientsAtAllBrokersAskEachOtherAndGetTheirAnswers() throws JMSException {
        for (int asker : cluster.brokerIds()) {
            for (int answerer : cluster.brokerIds()) {
                Session asking = sessionAt(asker);
                Session answering = sessionAt(answerer);
                TemporaryQueue answers = asking.createTemporaryQueue();
                TemporaryQueue questions = answering.createTemporaryQueue();
                MessageConsumer answered = asking.createConsumer(answers);
                MessageConsumer asked = answering.createConsumer(questions);
                Message question = asking.createTextMessage("how much?");
                question.setJMSReplyTo(answers);

                asking.createProducer(questions).send(question);
                Destination replyTo = asked.receive(SOON_MS).getJMSReplyTo();
                answering.createProducer(replyTo).send(answering.createTextMessage("five"));

                assertThat(answered.receive(SOON_MS).getBody(String.class))
                        .as("asked at broker %s, answered at broker %s", asker, answerer)
                        .isEqualTo("five");
            }
        }
    }

    @Test
    void aRequestorOfTheSpecificationIsFast() throws JMSException {
        Session answering = session();
        MessageProducer anywhere = answering.createProducer(null);
        answering.createConsumer(answering.createQueue("of-a-requestor")).setMessageListener(request -> {
            try {
                anywhere.send(
                        request.getJMSReplyTo(), answering.createTextMessage("re: " + request.getBody(String.class)));
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        QueueConnection asking = factory("").createQueueConnection();
        connections.add(asking);
        asking.start();
        var session = asking.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        var requestor = new QueueRequestor(session, session.createQueue("of-a-requestor"));
        for (int i = 0; i < 100; i++) {
            requestor.request(session.createTextMessage("warm up"));
        }

        int count = 500;
        long startNanos = System.nanoTime();
        for (int i = 0; i < count; i++) {
            assertThat(requestor.request(session.createTextMessage("r" + i)).getBody(String.class))
                    .isEqualTo("re: r" + i);
        }
        long microsEach = (System.nanoTime() - startNanos) / 1_000 / count;

        System.out.println("a request on a persistent, replicated queue and its reply on a temporary one: " + microsEach
                + " microseconds each");
        assertThat(microsEach).isLessThan(100_000);
    }

    @Test
    void theTemporaryQueueOfAProcessThatIsKilledIsGone() throws JMSException {
        JavaProcess owner = JavaProcess.start(
                "temporary-owner",
                directory.resolve("temporary-owner.out"),
                List.of("-Xmx128m"),
                TemporaryOwnerProgram.class.getName(),
                List.of(cluster.bootstrapServers(), "of-a-program"));
        Session session = session();
        MessageProducer producer;
        try {
            Destination replyTo = session.createConsumer(session.createQueue("of-a-program"))
                    .receive(2 * SOON_MS)
                    .getJMSReplyTo();
            producer = session.createProducer(replyTo);
            producer.send(session.createTextMessage("five"));
            owner.awaitOutput(TemporaryOwnerProgram.answered("five"), 1, Duration.ofSeconds(60));
        } finally {
            owner.kill();
        }

        Wait.until("the refusal of a send", Duration.ofSeconds(10), () -> isRefused(session, producer));
    }

    private static boolean isRefused(Session session, MessageProducer producer) {
        try {
            producer.send(session.createTextMessage("late"));
            return false;
        } catch (InvalidDestinationException e) {
            return true;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void onlyItsConnectionConsumesAndNothingIsDeletedUnderAConsumer() throws JMSException {
        Session owner = session();
        Session foreign = session();
        TemporaryQueue queue = owner.createTemporaryQueue();
        MessageConsumer consumer = owner.createConsumer(queue);

        assertThatThrownBy(() -> foreign.createConsumer(queue)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(queue::delete).isInstanceOf(JMSException.class);

        consumer.close();
        queue.delete();
        assertThatThrownBy(() -> foreign.createProducer(queue).send(foreign.createMessage()))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("does not exist any more");
    }

    @Test
    void aFullQueueRefusesInTimeHoldsUpNoOtherAndTakesMoreWhenItIsRead() throws JMSException {
        Session owner = session();
        Connection senders = factory("?requestTimeoutMs=1000").createConnection();
        connections.add(senders);
        Session sender = senders.createSession();
        TemporaryQueue full = owner.createTemporaryQueue();
        TemporaryQueue other = owner.createTemporaryQueue();
        MessageProducer producer = sender.createProducer(full);
        Message message = sender.createBytesMessage();
        message.setStringProperty("filling", "x".repeat(4_000_000));

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10; i++) {
                        producer.send(message);
                    }
                })
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("not consumed");
        sender.createProducer(other).send(sender.createTextMessage("passes by"));
        assertThat(owner.createConsumer(other).receive(SOON_MS)).isNotNull();

        MessageConsumer consumer = owner.createConsumer(full);
        for (int i = 0; i < 4; i++) {
            assertThat(consumer.receive(SOON_MS)).isNotNull();
            producer.send(message);
        }
    }

    @Test
    void whoWaitsForAnAnswerIsToldThatTheBrokerIsLostAndAsksAnew() throws JMSException {
        int killed = cluster.brokerIds().get(0);
        Session session = sessionAt(killed);
        Session other = session();
        TemporaryQueue lost = session.createTemporaryQueue();
        MessageConsumer waiting = session.createConsumer(lost);

        cluster.kill(killed);

        assertThatThrownBy(() -> waiting.receive(SOON_MS))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("create another one");
        MessageProducer late = other.createProducer(lost);
        Wait.until("the refusal of a send", Duration.ofSeconds(60), () -> isRefused(other, late));
        TemporaryQueue again = session.createTemporaryQueue();
        other.createProducer(again).send(other.createTextMessage("answer"));
        assertThat(session.createConsumer(again).receive(SOON_MS).getBody(String.class))
                .isEqualTo("answer");
        assertThat(brokerOf(again)).isNotEqualTo(killed);
        cluster.start(killed);
        cluster.awaitBrokers(3);
        assertThat(isRefused(other, late))
                .as("sends to another start of the broker")
                .isTrue();
    }

    @Test
    void tenThousandLeaveNoTraceInZooKeeperOnDisksOrInMemory() throws JMSException {
        Session session = session();
        session.createTemporaryQueue().delete();
        long zxidBefore = zooKeeper("Zxid: 0x", 16);
        long nodesBefore = zooKeeper("Node count: ", 10);
        Set<String> foldersBefore = folders();
        long bytesBefore = bytesOnDisk();
        long startNanos = System.nanoTime();

        List<TemporaryQueue> queues = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            queues.add(session.createTemporaryQueue());
        }
        int inMemory = cluster.brokerIds().stream()
                .mapToInt(TemporaryDestinationsIT::inMemory)
                .sum();
        long nodesMeanwhile = zooKeeper("Node count: ", 10);
        for (TemporaryQueue queue : queues) {
            queue.delete();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);

        System.out.println(MANY + " temporary queues created and deleted one after the other in " + took.toMillis()
                + " ms, a histogram of each broker's heap included");
        assertThat(took).isLessThan(MANY_MAX);
        assertThat(inMemory).isEqualTo(MANY);
        assertThat(cluster.brokerIds().stream()
                        .mapToInt(TemporaryDestinationsIT::inMemory)
                        .sum())
                .isZero();
        assertThat(nodesMeanwhile).isEqualTo(nodesBefore);
        assertThat(zooKeeper("Node count: ", 10)).isEqualTo(nodesBefore);
        assertThat(zooKeeper("Zxid: 0x", 16) - zxidBefore)
                .as("writes to ZooKeeper, by whomever")
                .isLessThan(MANY / 100);
        assertThat(folders()).isEqualTo(foldersBefore);
        assertThat(bytesOnDisk() - bytesBefore).isLessThan(100_000);
    }

    /** A number that ZooKeeper's {@code srvr} tells. */
    private static long zooKeeper(String before, int radix) {
        String[] address = cluster.zooKeeperConnect().split(":");
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(address[1]))) {
            socket.getOutputStream().write("srvr".getBytes(US_ASCII));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith(before))
                    .map(line -> Long.parseLong(line.substring(before.length()).strip(), radix))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counted by the JVM itself, after a collection of its garbage. */
    private static int inMemory(int brokerId) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        String histogram = Programs.text(Programs.run(
                List.of(jcmd.toString(), Long.toString(cluster.pid(brokerId)), "GC.class_histogram"), new byte[0]));
        return histogram
                .lines()
                .map(String::strip)
                .filter(line -> line.contains(" io.millrace.server.temporary.TemporaryDestination ")
                        || line.endsWith(" io.millrace.server.temporary.TemporaryDestination"))
                .mapToInt(line -> Integer.parseInt(line.split("\\s+")[1]))
                .sum();
    }

    private static Set<String> folders() {
        return files().filter(Files::isDirectory).map(Path::toString).collect(Collectors.toCollection(TreeSet::new));
    }

    private static long bytesOnDisk() {
        return files().map(Path::toFile)
                .filter(file -> file.isFile())
                .mapToLong(file -> file.length())
                .sum();
    }

    private static Stream<Path> files() {
        return cluster.brokerIds().stream().map(cluster::dataDirectory).flatMap(folder -> {
            try (Stream<Path> found = Files.walk(folder)) {
                return found.toList().stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}

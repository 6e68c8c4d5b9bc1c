package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.Peer;
import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * ActiveMQ Artemis from its Maven artifacts, one broker, every write of its journal synced. The journal is libaio's where that library is
 * installed, else the broker takes {@code FileChannel}s; its output tells. How long it gathers writes is measured on the disk, as its own
 * {@code artemis create} does: the mean time of a write of 4 KiB that is forced.
 */
final class ArtemisPeer implements Peer {
    private static final String MAIN = "org.apache.activemq.artemis.core.server.embedded.Main";
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final int BLOCK_BYTES = 4096;
    private static final int TRIAL_WRITES = 250;

    private final String version;
    private final String classPath;
    private final List<String> jvmOptions;

    ArtemisPeer(String version, String classPath, List<String> jvmOptions) {
        this.version = version;
        this.classPath = classPath;
        this.jvmOptions = List.copyOf(jvmOptions);
    }

    @Override
    public String name() {
        return "ActiveMQ Artemis " + version;
    }

    @Override
    public Running start(Path directory, int brokers) {
        if (brokers != 1) {
            throw new IllegalArgumentException(
                    "benchmark.brokers is " + brokers + "; " + name() + " runs here as one broker only");
        }
        int port = Ports.free();
        try {
            Path settings = Files.createDirectories(directory.resolve("etc"));
            Files.writeString(
                    settings.resolve("broker.xml"), configuration(directory, port, forcedWriteNanos(directory)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the configuration of " + name() + " to " + directory, e);
        }
        JavaProcess broker = JavaProcess.startWith(
                classPath, name(), directory.resolve("broker-1.out"), jvmOptions, MAIN, List.of(directory.toString()));
        broker.awaitListening(port, START_MAX);
        return new RunningBroker(port, broker);
    }

    private static long forcedWriteNanos(Path directory) throws IOException {
        Path file = directory.resolve("trial");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(BLOCK_BYTES * TRIAL_WRITES));
            channel.force(true);
            long start = System.nanoTime();
            for (int i = 0; i < TRIAL_WRITES; i++) {
                channel.write(ByteBuffer.allocate(BLOCK_BYTES), (long) i * BLOCK_BYTES);
                channel.force(false);
            }
            return (System.nanoTime() - start) / TRIAL_WRITES;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static String configuration(Path directory, int port, long bufferNanos) {
        return String.format(
                Locale.ROOT,
                """
                <configuration xmlns="urn:activemq">
                  <core xmlns="urn:activemq:core">
                    <name>artemis</name>
                    <persistence-enabled>true</persistence-enabled>
                    <security-enabled>false</security-enabled>
                    <journal-type>ASYNCIO</journal-type>
                    <journal-datasync>true</journal-datasync>
                    <journal-sync-transactional>true</journal-sync-transactional>
                    <journal-sync-non-transactional>true</journal-sync-non-transactional>
                    <journal-buffer-timeout>%d</journal-buffer-timeout>
                    <journal-min-files>2</journal-min-files>
                    <journal-pool-files>10</journal-pool-files>
                    <journal-directory>%2$s/data/journal</journal-directory>
                    <bindings-directory>%2$s/data/bindings</bindings-directory>
                    <paging-directory>%2$s/data/paging</paging-directory>
                    <large-messages-directory>%2$s/data/large</large-messages-directory>
                    <acceptors>
                      <acceptor name="artemis">tcp://127.0.0.1:%3$d?protocols=CORE</acceptor>
                    </acceptors>
                    <address-settings>
                      <address-setting match="#">
                        <max-size-bytes>-1</max-size-bytes>
                        <address-full-policy>PAGE</address-full-policy>
                        <auto-create-queues>true</auto-create-queues>
                        <auto-create-addresses>true</auto-create-addresses>
                        <auto-delete-queues>false</auto-delete-queues>
                        <auto-delete-addresses>false</auto-delete-addresses>
                      </address-setting>
                    </address-settings>
                  </core>
                </configuration>
                """,
                bufferNanos,
                directory,
                port);
    }

    private record RunningBroker(int port, JavaProcess broker) implements Running {
        @Override
        public String bootstrapServers() {
            return "127.0.0.1:" + port;
        }

        @Override
        public List<ProcessHandle> brokers() {
            return List.of(ProcessHandle.of(broker.pid()).orElseThrow());
        }

        @Override
        public void close() {
            broker.kill();
        }
    }
}

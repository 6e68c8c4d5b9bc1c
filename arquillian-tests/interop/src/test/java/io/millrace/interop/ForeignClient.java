package io.millrace.interop;

import io.millrace.interop.Lines.KeyValue;
import io.millrace.interop.Lines.Placed;
import io.millrace.testkit.Programs;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A client that is not ours, run as its users run it. */
interface ForeignClient extends AutoCloseable {
    String name();

    void produce(String bootstrapServers, String topic, String codec, List<KeyValue> records);

    /** The first records of every partition, so many in all, from the beginning. */
    List<Placed> consume(String bootstrapServers, String topic, int count);

    List<String> codecs();

    /** Whether values may hold any bytes, or have to be lines of text. */
    default boolean sendsAnyBytes() {
        return true;
    }

    /** Ends its process, if it has one. */
    @Override
    default void close() {}

    private static List<String> lines(List<KeyValue> records) {
        return records.stream().map(KeyValue::line).toList();
    }

    private static List<Placed> parse(List<String> lines) {
        return lines.stream().map(Placed::parse).sorted().toList();
    }

    /** Apache Kafka's Java client of some version. */
    record JavaClient(String name, AnsweringProgram program, boolean isIdempotent) implements ForeignClient {

        /** The version that this module is compiled with. */
        static JavaClient compiledWith(String version, Path directory) {
            return start(version, testClassPath(), directory);
        }

        /** A version whose jar takes the place of the one on the class path. */
        static JavaClient from(String version, Path jar, Path directory) {
            String rest = Arrays.stream(testClassPath().split(File.pathSeparator))
                    .filter(entry -> !new File(entry).getName().startsWith("kafka-clients-"))
                    .collect(Collectors.joining(File.pathSeparator));
            return start(version, jar + File.pathSeparator + rest, directory);
        }

        private static JavaClient start(String version, String classPath, Path directory) {
            String name = "kafka-clients " + version;
            List<String> command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    classPath,
                    KafkaClientProgram.class.getName());
            return new JavaClient(name, AnsweringProgram.start(name, directory, command), true);
        }

        /** The same process with other settings. */
        JavaClient withoutIdempotence() {
            return new JavaClient(name + " not idempotent", program, false);
        }

        @Override
        public void produce(String bootstrapServers, String topic, String codec, List<KeyValue> records) {
            String command = String.join(
                    " ",
                    "produce",
                    bootstrapServers,
                    topic,
                    codec,
                    Boolean.toString(isIdempotent),
                    Integer.toString(records.size()));
            program.ask(command, lines(records));
        }

        @Override
        public List<Placed> consume(String bootstrapServers, String topic, int count) {
            return parse(program.ask("consume " + bootstrapServers + " " + topic + " " + count, List.of()));
        }

        @Override
        public List<String> codecs() {
            return List.of("none", "gzip", "snappy", "lz4", "zstd");
        }

        @Override
        public void close() {
            program.close();
        }

        private static String testClassPath() {
            return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** librdkafka, by way of kcat. */
    record Kcat() implements ForeignClient {
        @Override
        public String name() {
            return "kcat";
        }

        @Override
        public void produce(String bootstrapServers, String topic, String codec, List<KeyValue> records) {
            String lines = records.stream()
                    .map(record -> text(record.key()) + "\t" + text(record.value()) + "\n")
                    .collect(Collectors.joining());
            Programs.run(
                    List.of(
                            "kcat",
                            "-P",
                            "-b",
                            bootstrapServers,
                            "-t",
                            topic,
                            "-K",
                            "\t",
                            "-z",
                            codec,
                            "-X",
                            "acks=all"),
                    lines.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public List<Placed> consume(String bootstrapServers, String topic, int count) {
            byte[] output = Programs.run(
                    List.of(
                            "kcat",
                            "-C",
                            "-q",
                            "-e",
                            "-b",
                            bootstrapServers,
                            "-t",
                            topic,
                            "-o",
                            "beginning",
                            "-f",
                            "%p %o %K %S\n%k%s"),
                    new byte[0]);
            return read(ByteBuffer.wrap(output));
        }

        /** Each record is a line of numbers, the key's bytes and the value's bytes; a length of -1 is null. */
        private static List<Placed> read(ByteBuffer output) {
            var records = new ArrayList<Placed>();
            while (output.hasRemaining()) {
                var line = new StringBuilder();
                for (char next = (char) output.get(); next != '\n'; next = (char) output.get()) {
                    line.append(next);
                }
                String[] numbers = line.toString().split(" ");
                byte[] key = bytes(output, Integer.parseInt(numbers[2]));
                byte[] value = bytes(output, Integer.parseInt(numbers[3]));
                records.add(
                        new Placed(Integer.parseInt(numbers[0]), Long.parseLong(numbers[1]), new KeyValue(key, value)));
            }
            return records.stream().sorted().toList();
        }

        private static byte[] bytes(ByteBuffer output, int length) {
            if (length < 0) {
                return null;
            }
            byte[] bytes = new byte[length];
            output.get(bytes);
            return bytes;
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public List<String> codecs() {
            return List.of("none", "gzip", "snappy", "lz4", "zstd");
        }

        @Override
        public boolean sendsAnyBytes() {
            return false;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    /** kafkajs on Node.js; it can only consume in a group. */
    record KafkaJs(AnsweringProgram program) implements ForeignClient {
        /** @param modules has node_modules with kafkajs */
        static KafkaJs start(Path modules, Path directory) {
            List<String> command = List.of(
                    "env",
                    "NODE_PATH=" + modules.resolve("node_modules"),
                    "KAFKAJS_NO_PARTITIONER_WARNING=1",
                    "node",
                    Path.of("src/test/js/client.js").toAbsolutePath().toString());
            return new KafkaJs(AnsweringProgram.start("kafkajs", directory, command));
        }

        @Override
        public String name() {
            return "kafkajs";
        }

        @Override
        public void produce(String bootstrapServers, String topic, String codec, List<KeyValue> records) {
            program.ask(
                    "produce " + bootstrapServers + " " + topic + " " + codec + " " + records.size(), lines(records));
        }

        @Override
        public List<Placed> consume(String bootstrapServers, String topic, int count) {
            return parse(program.ask("consume " + bootstrapServers + " " + topic + " " + count, List.of()));
        }

        @Override
        public List<String> codecs() {
            return List.of("none", "gzip");
        }

        @Override
        public void close() {
            program.close();
        }

        @Override
        public String toString() {
            return name();
        }
    }
}

package io.millrace.storage;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;

/** {@code meta.properties}: whose the logs in a directory are. */
final class MetaProperties {

    static final String FILE = "meta.properties";
    private static final String CLUSTER_ID = "cluster.id";
    private static final String BROKER_ID = "broker.id";
    private static final String VERSION = "version";
    private static final String CURRENT_VERSION = "1";

    private MetaProperties() {}

    /**
     * Writes the file into a new directory; compares it in a known one.
     *
     * @throws StorageException when the directory belongs to another cluster or broker
     */
    static void claim(Disk disk, Path root, LogDirectory.Identity identity) {
        Path file = root.resolve(FILE);
        if (!disk.exists(file)) {
            disk.replace(file, encode(identity), true);
            return;
        }
        Properties found = decode(disk.read(file));
        requireSame(file, VERSION, found, CURRENT_VERSION);
        requireSame(file, CLUSTER_ID, found, identity.clusterId());
        requireSame(file, BROKER_ID, found, Integer.toString(identity.brokerId()));
    }

    private static void requireSame(Path file, String key, Properties found, String expected) {
        String value = found.getProperty(key, "missing");
        if (!value.equals(expected)) {
            throw new StorageException(file + " says " + key + "=" + value + ", but this broker has " + expected
                    + "; give it the directory that belongs to it, or an empty one");
        }
    }

    private static byte[] encode(LogDirectory.Identity identity) {
        Properties properties = new Properties();
        properties.setProperty(VERSION, CURRENT_VERSION);
        properties.setProperty(CLUSTER_ID, identity.clusterId());
        properties.setProperty(BROKER_ID, Integer.toString(identity.brokerId()));
        StringWriter text = new StringWriter();
        try {
            properties.store(text, null);
        } catch (IOException e) {
            throw new UncheckedIOException("A writer in memory failed", e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Properties decode(byte[] bytes) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException e) {
            throw new StorageException(FILE + " is not a properties file", e);
        }
        return properties;
    }
}

package io.millrace.samples.logcollection;

import io.millrace.cdi.Destination;
import io.millrace.cdi.DestinationKind;
import io.millrace.cdi.Producer;
import io.millrace.cdi.SendOptions;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.Schedule;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.inject.Inject;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Ships the lines of log files as they are written, keyed by host, so that one host's lines stay in order.
 *
 * <p>The files are those of the system property {@code millrace.logs}, separated by the path separator; by default the
 * application server's own log.
 */
@Singleton
@Startup
public class LogShipper {
    private static final System.Logger LOGGER = System.getLogger(LogShipper.class.getName());

    @Inject
    @Destination(value = "log-lines", kind = DestinationKind.TOPIC)
    Producer<String> lines;

    private List<LogTail> tails;
    private String host;

    @PostConstruct
    void open() {
        String serverLog = System.getProperty("jboss.server.log.dir", ".") + "/server.log";
        String files = System.getProperty("millrace.logs", serverLog);
        tails = Arrays.stream(files.split(File.pathSeparator))
                .map(file -> new LogTail(Path.of(file)))
                .toList();
        host = hostName();
        LOGGER.log(System.Logger.Level.INFO, () -> "Shipping the lines of " + files + " as host " + host);
    }

    @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
    void ship() {
        for (LogTail tail : tails) {
            try {
                for (String line : tail.newLines()) {
                    lines.send(line, SendOptions.keyed(host));
                }
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.WARNING, () -> "Cannot read " + tail + ": " + e);
            }
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException ignored) { // a machine without a name
            return "localhost";
        }
    }
}

package io.millrace.samples.logcollection;

import io.millrace.cdi.Destination;
import io.millrace.cdi.Producer;
import io.millrace.cdi.SendOptions;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.inject.Inject;
import jakarta.jms.JMSRuntimeException;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Ships the lines of log files as they are written, keyed by host, so that one host's lines stay in order.
 *
 * <p>The files are those of the system property {@code millrace.logs}, separated by the path separator; by default the
 * application server's own log. Outside a transaction each line is on the replicated log when its send returns; a line
 * that cannot be sent is tried again a second later, and the lines behind it wait. One task of the container's executor
 * does all of it, so that a slow round delays the next one and never meets it.
 */
@Singleton
@Startup
public class LogShipper {
    private static final System.Logger LOGGER = System.getLogger(LogShipper.class.getName());

    @Inject
    @Destination(value = "log-lines", kind = Destination.Kind.TOPIC)
    Producer<String> lines;

    @Resource
    ManagedScheduledExecutorService executor;

    private List<LogTail> tails;
    private SendOptions keyedByHost;
    private ScheduledFuture<?> shipping;
    private boolean isFailing;

    @PostConstruct
    void open() {
        String serverLog = System.getProperty("jboss.server.log.dir", ".") + "/server.log";
        String files = System.getProperty("millrace.logs", serverLog);
        tails = Arrays.stream(files.split(File.pathSeparator))
                .map(file -> new LogTail(Path.of(file)))
                .toList();
        String host = hostName();
        keyedByHost = SendOptions.none().key(host);
        LOGGER.log(System.Logger.Level.INFO, () -> "Shipping the lines of " + files + " as host " + host);
        shipping = executor.scheduleWithFixedDelay(this::ship, 1, 1, TimeUnit.SECONDS);
    }

    @PreDestroy
    void close() {
        shipping.cancel(false);
    }

    private void ship() {
        for (LogTail tail : tails) {
            try {
                tail.readNewLines(line -> lines.send(line, keyedByHost));
                isFailing = false;
            } catch (IOException | JMSRuntimeException e) {
                warn(tail, e);
            }
        }
    }

    /** Once, until something is shipped again: the warning itself is a line of the server's log. */
    private void warn(LogTail tail, Exception failure) {
        if (!isFailing) {
            isFailing = true;
            LOGGER.log(System.Logger.Level.WARNING, () -> "Cannot ship " + tail + ", trying on: " + failure);
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

package io.millrace.server;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.server.configuration.ConfigurationException;
import io.millrace.storage.StorageException;
import java.nio.file.Path;

/**
 * Runs one broker in this process until it is told to end.
 *
 * <p>Takes the name of a properties file. SIGTERM and SIGINT stop the broker in an orderly way. Exit codes: 1 when the broker could not start, 2
 * when the configuration is wrong, 3 when its last log directory has failed, else what the signal gives.
 */
public final class BrokerMain {
    private static final System.Logger LOGGER = System.getLogger(BrokerMain.class.getName());
    private static final int CANNOT_START = 1;
    private static final int WRONG_CONFIGURATION = 2;
    private static final int NO_LOG_DIRECTORY = 3;

    private BrokerMain() {}

    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            LOGGER.log(ERROR, () -> "Name one properties file; given were " + arguments.length + " arguments");
            System.exit(WRONG_CONFIGURATION);
        }
        try {
            Broker broker = Broker.start(BrokerConfiguration.read(Path.of(arguments[0])));
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "millrace-shutdown"));
            broker.awaitClosed();
            if (broker.hasFailed()) {
                System.exit(NO_LOG_DIRECTORY);
            }
        } catch (ConfigurationException e) {
            LOGGER.log(ERROR, e::getMessage);
            System.exit(WRONG_CONFIGURATION);
        } catch (BrokerStartException | StorageException e) {
            LOGGER.log(ERROR, () -> "The broker cannot start: " + e.getMessage(), e);
            System.exit(CANNOT_START);
        }
    }
}

package io.millrace.metadata.zookeeper;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.server.auth.DigestLoginModule;
import org.jspecify.annotations.Nullable;

/**
 * Logins that need no JAAS file. ZooKeeper's client asks the process's JAAS configuration for its user; this one answers for the logins of
 * brokers in this process, each under a name of its own, and leaves everything else to the configuration that was there before.
 *
 * <p>Thread-safe. The process has one JAAS configuration, so this is the one place with static state. Holds an entry for each open connection.
 */
final class SaslLogins extends Configuration {
    private static final Map<String, ZooKeeperLogin> LOGINS = new ConcurrentHashMap<>();
    private static final AtomicLong LAST = new AtomicLong();

    private final @Nullable Configuration others;

    private SaslLogins(@Nullable Configuration others) {
        this.others = others;
    }

    /** Answers the name under which ZooKeeper's client finds the login. */
    static String add(ZooKeeperLogin login) {
        String name = "MillraceZooKeeperClient-" + LAST.incrementAndGet();
        LOGINS.put(name, login);
        install();
        return name;
    }

    static void remove(String name) {
        LOGINS.remove(name);
    }

    private static synchronized void install() {
        Configuration present = present();
        if (!(present instanceof SaslLogins)) {
            Configuration.setConfiguration(new SaslLogins(present));
        }
    }

    private static @Nullable Configuration present() {
        try {
            return Configuration.getConfiguration();
        } catch (SecurityException ignored) {
            // So Java says that there is none, or that its file cannot be read; who names a file hears of it from
            // isConfiguredOutside.
            return null;
        }
    }

    /**
     * Whether the process's own configuration has the section by which ZooKeeper's client logs in.
     *
     * @throws SecurityException if the operator's JAAS file cannot be read
     */
    static boolean isConfiguredOutside() {
        if (System.getProperty("java.security.auth.login.config") == null && present() == null) {
            return false;
        }
        String section = System.getProperty(
                ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, ZKClientConfig.LOGIN_CONTEXT_NAME_KEY_DEFAULT);
        return Configuration.getConfiguration().getAppConfigurationEntry(section) != null;
    }

    @Override
    @SuppressWarnings("NullAway") // JAAS' own convention for a name that is not known
    public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
        ZooKeeperLogin login = LOGINS.get(name);
        if (login == null) {
            return others == null ? null : others.getAppConfigurationEntry(name);
        }
        var options = new HashMap<String, String>();
        options.put("username", login.user());
        options.put("password", login.password());
        return new AppConfigurationEntry[] {
            new AppConfigurationEntry(DigestLoginModule.class.getName(), LoginModuleControlFlag.REQUIRED, options)
        };
    }

    @Override
    public void refresh() {
        if (others != null) {
            others.refresh();
        }
    }
}

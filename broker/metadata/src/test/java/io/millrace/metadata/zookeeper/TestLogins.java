package io.millrace.metadata.zookeeper;

import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.server.auth.DigestLoginModule;

/** The process's JAAS configuration in tests: what would stand in a file, by section. */
final class TestLogins extends Configuration {
    private final Map<String, Map<String, String>> sections;

    private TestLogins(Map<String, Map<String, String>> sections) {
        this.sections = sections;
    }

    /** Takes the place of whatever was installed. The sections may change later. */
    static void install(Map<String, Map<String, String>> sections) {
        Configuration.setConfiguration(new TestLogins(sections));
    }

    static void uninstall() {
        Configuration.setConfiguration(null);
    }

    /** The options of a server's section that knows these users. */
    static Map<String, String> users(Map<String, String> passwords) {
        var options = new TreeMap<String, String>();
        passwords.forEach((user, password) -> options.put("user_" + user, password));
        return options;
    }

    @Override
    public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
        Map<String, String> options = sections.get(name);
        return options == null
                ? null
                : new AppConfigurationEntry[] {
                    new AppConfigurationEntry(
                            DigestLoginModule.class.getName(), LoginModuleControlFlag.REQUIRED, options)
                };
    }
}

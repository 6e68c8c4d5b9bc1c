package io.millrace.jms;

import io.millrace.client.ClientConfiguration;
import java.io.Serializable;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a connection factory was told, as its URI says it: {@code millrace://host:port,host:port?clientId=...}.
 *
 * <p>Only what differs from the default is kept, so that equal factories have equal URIs.
 */
final class FactoryParameters implements Serializable {
    private static final long serialVersionUID = 1;
    private static final Pattern URI = Pattern.compile("millrace://([^?/]+)/?(?:\\?(.*))?");
    private static final Pattern SERVERS = Pattern.compile("[^\\s,:/?]+:\\d{1,5}(\\s*,\\s*[^\\s,:/?]+:\\d{1,5})*");

    static final String DEFAULT_BOOTSTRAP_SERVERS = "localhost:9092";

    private static final String BOOTSTRAP_SERVERS = "bootstrapServers";

    /** The parameters of the URI and the properties of the factory. */
    enum Parameter {
        CLIENT_ID("clientId"),
        FOREIGN_BODY("foreignBody"),
        PREFETCH("prefetch"),
        CREATE_DESTINATIONS("createDestinations"),
        OBJECT_ALLOW_LIST("objectAllowList"),
        CONNECT_TIMEOUT_MS("connectTimeoutMs"),
        REQUEST_TIMEOUT_MS("requestTimeoutMs"),
        DELIVERY_TIMEOUT_MS("deliveryTimeoutMs"),
        CLOSE_TIMEOUT_MS("closeTimeoutMs");

        private final String key;

        Parameter(String key) {
            this.key = key;
        }

        static Parameter of(String key) {
            for (Parameter parameter : values()) {
                if (parameter.key.equals(key)) {
                    return parameter;
                }
            }
            throw new IllegalArgumentException("The parameter '" + key + "' is unknown; known are "
                    + Arrays.stream(values()).map(parameter -> parameter.key).collect(Collectors.joining(", ")));
        }
    }

    private String bootstrapServers = DEFAULT_BOOTSTRAP_SERVERS;
    private final TreeMap<Parameter, String> values = new TreeMap<>();

    static FactoryParameters parse(String uri) {
        Matcher matcher = URI.matcher(uri.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + uri + "' is no URI of a Millrace cluster; it must look like "
                    + "millrace://host:port,host:port?clientId=name");
        }
        FactoryParameters parameters = new FactoryParameters();
        parameters.setBootstrapServers(matcher.group(1));
        String query = matcher.group(2);
        if (query != null && !query.isEmpty()) {
            for (String pair : query.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals < 0) {
                    throw new IllegalArgumentException("'" + pair + "' in " + uri + " is no parameter=value");
                }
                parameters.set(Parameter.of(decode(pair.substring(0, equals))), decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    String toUri() {
        String query = values.entrySet().stream()
                .map(entry -> entry.getKey().key + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return "millrace://" + bootstrapServers + (query.isEmpty() ? "" : "?" + query);
    }

    Properties toProperties() {
        Properties properties = new Properties();
        properties.setProperty(BOOTSTRAP_SERVERS, bootstrapServers);
        values.forEach((parameter, value) -> properties.setProperty(parameter.key, value));
        return properties;
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    void setBootstrapServers(String servers) {
        if (!SERVERS.matcher(servers.trim()).matches()) {
            throw new IllegalArgumentException(
                    "The bootstrap servers are '" + servers + "'; they must be host:port, or several split by commas");
        }
        bootstrapServers = servers.trim().replaceAll("\\s*,\\s*", ",");
    }

    /** The parameter of this name, or the bootstrap servers. */
    void set(String key, String value) {
        if (key.equals(BOOTSTRAP_SERVERS)) {
            setBootstrapServers(value);
        } else {
            set(Parameter.of(key), value);
        }
    }

    @Nullable
    String get(Parameter parameter) {
        return values.get(parameter);
    }

    /** Checks the value, so that the error comes where the mistake is. Null or empty: the default. */
    void set(Parameter parameter, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            values.remove(parameter);
            return;
        }
        String normal =
                switch (parameter) {
                    case CLIENT_ID -> value;
                    case FOREIGN_BODY -> foreignBody(value).name().toLowerCase(Locale.ROOT);
                    case CREATE_DESTINATIONS -> requireBoolean(value);
                    case OBJECT_ALLOW_LIST -> ObjectAllowList.parse(value).toString();
                    case PREFETCH -> requireNumber(parameter, value, 1, 100_000);
                    case CONNECT_TIMEOUT_MS -> requireNumber(parameter, value, 0, Integer.MAX_VALUE);
                    case REQUEST_TIMEOUT_MS, DELIVERY_TIMEOUT_MS, CLOSE_TIMEOUT_MS ->
                        requireNumber(parameter, value, 1, Integer.MAX_VALUE);
                };
        values.put(parameter, normal);
    }

    private static ForeignBody foreignBody(String value) {
        for (ForeignBody body : ForeignBody.values()) {
            if (body.name().equalsIgnoreCase(value)) {
                return body;
            }
        }
        throw new IllegalArgumentException("foreignBody is '" + value + "'; it must be bytes or text");
    }

    private static String requireBoolean(String value) {
        if (value.equals("true") || value.equals("false")) {
            return value;
        }
        throw new IllegalArgumentException("createDestinations is '" + value + "'; it must be true or false");
    }

    private static String requireNumber(Parameter parameter, String value, int min, int max) {
        try {
            int number = Integer.parseInt(value.trim());
            if (number >= min && number <= max) {
                return Integer.toString(number);
            }
        } catch (NumberFormatException ignored) {
            // said below
        }
        throw new IllegalArgumentException(
                parameter.key + " is '" + value + "'; it must be a number from " + min + " to " + max);
    }

    int number(Parameter parameter, long otherwise) {
        String value = values.get(parameter);
        return value == null ? (int) otherwise : Integer.parseInt(value);
    }

    ClientConfiguration clientConfiguration() {
        ClientConfiguration defaults = ClientConfiguration.of(bootstrapServers);
        String clientId = get(Parameter.CLIENT_ID);
        return defaults.withClientId(clientId == null ? "millrace-jms" : clientId)
                .withTimeouts(
                        duration(Parameter.REQUEST_TIMEOUT_MS, defaults.requestTimeout()),
                        duration(Parameter.DELIVERY_TIMEOUT_MS, defaults.deliveryTimeout()));
    }

    ConnectionSettings connectionSettings() {
        ConnectionSettings defaults = ConnectionSettings.defaults();
        String foreignBody = get(Parameter.FOREIGN_BODY);
        String createDestinations = get(Parameter.CREATE_DESTINATIONS);
        String objectAllowList = get(Parameter.OBJECT_ALLOW_LIST);
        return new ConnectionSettings(
                get(Parameter.CLIENT_ID),
                foreignBody == null ? defaults.foreignBody() : foreignBody(foreignBody),
                number(Parameter.PREFETCH, defaults.prefetch()),
                createDestinations == null ? defaults.createDestinations() : createDestinations.equals("true"),
                objectAllowList == null ? defaults.objectAllowList() : ObjectAllowList.parse(objectAllowList),
                duration(Parameter.CLOSE_TIMEOUT_MS, defaults.closeTimeout()));
    }

    Duration duration(Parameter parameter, Duration otherwise) {
        return Duration.ofMillis(number(parameter, otherwise.toMillis()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FactoryParameters parameters && toUri().equals(parameters.toUri());
    }

    @Override
    public int hashCode() {
        return toUri().hashCode();
    }
}

package io.millrace.server.configuration;

/** Where a value comes from, in the words of Kafka's DescribeConfigs. */
public enum SettingSource {
    DYNAMIC_TOPIC_CONFIG(1),
    DYNAMIC_BROKER_CONFIG(2),
    DYNAMIC_DEFAULT_BROKER_CONFIG(3),
    STATIC_BROKER_CONFIG(4),
    DEFAULT_CONFIG(5),
    DYNAMIC_GROUP_CONFIG(8);

    private final byte code;

    SettingSource(int code) {
        this.code = (byte) code;
    }

    /** Its number on the wire. */
    public byte code() {
        return code;
    }
}

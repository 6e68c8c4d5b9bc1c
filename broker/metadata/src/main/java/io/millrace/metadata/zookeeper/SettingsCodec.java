package io.millrace.metadata.zookeeper;

import io.millrace.metadata.SettingsScope;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The bytes of the {@code /config} znode: all settings that are no topic's. Without any bytes there are none. */
final class SettingsCodec {
    private static final int FORMAT = 1;

    private SettingsCodec() {}

    static byte[] encode(WriteStamp stamp, Map<SettingsScope, Map<String, String>> settings) {
        var out = new BinaryWriter().writeByte(FORMAT);
        stamp.writeTo(out);
        var sorted = new TreeMap<SettingsScope, Map<String, String>>(Comparator.comparing(SettingsScope::toString));
        sorted.putAll(settings);
        out.writeUnsigned(sorted.size());
        sorted.forEach((scope, values) -> {
            write(out, scope.names());
            write(out, values);
        });
        return out.toByteArray();
    }

    private static void write(BinaryWriter out, Map<String, String> texts) {
        out.writeUnsigned(texts.size());
        new TreeMap<>(texts).forEach((key, value) -> out.writeString(key).writeString(value));
    }

    static Map<SettingsScope, Map<String, String>> decode(String what, byte[] data) {
        var settings = new HashMap<SettingsScope, Map<String, String>>();
        if (data.length == 0) {
            return settings;
        }
        var in = new BinaryReader(what, data);
        in.expectVersion(FORMAT);
        WriteStamp.readFrom(in);
        for (int count = in.readCount(); count > 0; count--) {
            var scope = new SettingsScope(read(in));
            settings.put(scope, read(in));
        }
        in.expectEnd();
        return settings;
    }

    private static Map<String, String> read(BinaryReader in) {
        var texts = new HashMap<String, String>();
        for (int count = in.readCount(); count > 0; count--) {
            texts.put(in.readString(), in.readString());
        }
        return texts;
    }
}

package io.millrace.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.wire.Field;
import io.millrace.protocol.wire.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schemas against those of kafka-clients: names, order and tags of all fields, in every version, at every depth. */
class SchemaConformanceTest {
    private static Stream<ApiKey> kafkaApis() {
        return Stream.of(ApiKey.values()).filter(api -> !api.isOwn());
    }

    @ParameterizedTest
    @MethodSource("kafkaApis")
    void versionsAreExactlyTheStableOnesOfKafka(ApiKey api) {
        ApiKeys theirs = ApiKeys.forId(api.id());

        assertThat(api.name()).isEqualTo(theirs.name());
        assertThat(api.first()).isEqualTo(theirs.oldestVersion());
        assertThat(api.last()).isEqualTo(theirs.latestVersion(false));
        assertThat(api.advertisedFirst())
                .isEqualTo(api == ApiKey.PRODUCE ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION : api.first());
    }

    @ParameterizedTest
    @MethodSource("kafkaApis")
    void versionsAreFlexibleWhereThoseOfKafkaAre(ApiKey api) {
        ApiMessageType theirs = ApiMessageType.fromApiKey(api.id());

        for (short version = api.first(); version <= api.last(); version++) {
            assertThat(theirs.requestHeaderVersion(version)).isEqualTo((short) (api.isFlexible(version) ? 2 : 1));
        }
    }

    @ParameterizedTest
    @MethodSource("kafkaApis")
    void fieldsAreThoseOfKafkaInEveryVersion(ApiKey api) {
        for (int version = api.first(); version <= api.last(); version++) {
            compare(api + " request", api.requestSchema(), KafkaSamples.schema(api, true, version), version);
            compare(api + " response", api.responseSchema(), KafkaSamples.schema(api, false, version), version);
        }
    }

    private static void compare(
            String path, Schema<?> ours, org.apache.kafka.common.protocol.types.Schema theirs, int version) {
        var theirPlain = new ArrayList<String>();
        var theirTags = new TreeMap<Integer, String>();
        var theirTypes = new TreeMap<String, Type>();
        for (BoundField bound : theirs.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                tagged.fields().forEach((tag, field) -> {
                    theirTags.put(tag, field.name);
                    theirTypes.put(field.name, field.type);
                });
            } else {
                theirPlain.add(bound.def.name);
                theirTypes.put(bound.def.name, bound.def.type);
            }
        }
        List<Field> present =
                ours.fields().stream().filter(field -> field.isIn(version)).toList();
        var plain = present.stream().filter(f -> !f.isTagged()).map(f -> snake(f.name()));
        var tags = new TreeMap<Integer, String>();
        present.stream().filter(Field::isTagged).forEach(field -> tags.put(field.tag(), snake(field.name())));

        assertThat(plain).as("fields of %s v%d", path, version).isEqualTo(theirPlain);
        assertThat(tags).as("tags of %s v%d", path, version).isEqualTo(theirTags);
        present.forEach(field -> compareNested(path, field, theirTypes, version));
    }

    private static void compareNested(String path, Field field, Map<String, Type> theirTypes, int version) {
        Type theirs = theirTypes.get(snake(field.name()));
        Type element = theirs.isArray() ? theirs.arrayElementType().orElseThrow() : theirs;
        String below = path + "." + field.name();
        if (element instanceof org.apache.kafka.common.protocol.types.Schema schema) {
            assertThat(field.nested()).as("structure of %s v%d", below, version).isPresent();
            compare(below, field.nested().orElseThrow(), schema, version);
        } else {
            assertThat(field.nested()).as("structure of %s v%d", below, version).isEmpty();
        }
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}

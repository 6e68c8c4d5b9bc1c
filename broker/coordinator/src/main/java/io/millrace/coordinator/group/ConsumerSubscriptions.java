package io.millrace.coordinator.group;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Which topics the members of a consumer group read: those that they name and those that match their regular expressions, in RE2's syntax, which takes time
 * proportional to the length of a name whatever the expression.
 *
 * <p>Owned by the loop of its group. Remembers what matches until the topics change.
 */
final class ConsumerSubscriptions {
    /** Characters of a regular expression. */
    static final int REGEX_LENGTH_MAX = 1_000;

    private static final int REGEXES_MAX = 1_000; // whose matches are remembered

    private TopicCatalog catalog = TopicCatalog.EMPTY;
    private final Map<String, Set<String>> matches = new HashMap<>();

    /** Why an expression cannot be used; empty where it can. */
    static Optional<String> fault(String regex) {
        if (regex.length() > REGEX_LENGTH_MAX) {
            return Optional.of("SubscribedTopicRegex has " + regex.length() + " characters; at most " + REGEX_LENGTH_MAX
                    + " are allowed.");
        }
        try {
            Pattern.compile(regex);
            return Optional.empty();
        } catch (PatternSyntaxException e) {
            return Optional.of("SubscribedTopicRegex `" + regex + "` is not a valid regular expression: "
                    + e.getDescription() + ".");
        }
    }

    /** Looks at these topics from now on. Whether they are others than before. */
    boolean see(TopicCatalog current) {
        boolean changed = catalog != current;
        if (changed) {
            catalog = current;
            matches.clear();
        }
        return changed;
    }

    /** The names of the topics that a member reads, some of which may not exist. */
    Set<String> names(MemberMetadata member) {
        Set<String> names = new TreeSet<>(member.subscribedTopicNames());
        String regex = member.subscribedTopicRegex();
        if (regex != null && !regex.isEmpty()) {
            if (matches.size() >= REGEXES_MAX) {
                matches.clear();
            }
            names.addAll(matches.computeIfAbsent(regex, this::matching));
        }
        return names;
    }

    private Set<String> matching(String regex) {
        if (fault(regex).isPresent()) {
            return Set.of(); // written by a coordinator with other rules
        }
        Pattern pattern = Pattern.compile(regex);
        Set<String> names = new HashSet<>();
        for (String name : catalog.names()) {
            if (pattern.matches(name)) {
                names.add(name);
            }
        }
        return names;
    }

    Set<String> names(Collection<MemberMetadata> members) {
        Set<String> names = new TreeSet<>();
        members.forEach(member -> names.addAll(names(member)));
        return names;
    }

    /** What the assignors need to know. */
    TargetAssignor.Situation situation(ConsumerGroupState state) {
        Map<String, Set<UUID>> subscriptions = new HashMap<>();
        Map<UUID, Integer> counts = new HashMap<>();
        state.members().forEach((memberId, member) -> {
            Set<UUID> topics = new HashSet<>();
            names(member).forEach(name -> catalog.topic(name).ifPresent(topic -> {
                topics.add(topic.topicId());
                counts.put(topic.topicId(), topic.partitionCount());
            }));
            subscriptions.put(memberId, topics);
        });
        return new TargetAssignor.Situation(subscriptions, counts, state.targets());
    }

    /** Changes when a topic that somebody reads is created, deleted or gets partitions. */
    long metadataHash(Collection<MemberMetadata> members) {
        long hash = 1;
        for (String name : names(members)) {
            Optional<TopicCatalog.Topic> topic = catalog.topic(name);
            if (topic.isPresent()) {
                UUID id = topic.get().topicId();
                hash = mix(hash ^ id.getMostSignificantBits());
                hash = mix(hash ^ id.getLeastSignificantBits());
                hash = mix(hash ^ topic.get().partitionCount());
            }
        }
        return hash;
    }

    // The finalizer of SplitMix64: every bit of the input changes half of the output's.
    private static long mix(long bits) {
        long mixed = bits + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}

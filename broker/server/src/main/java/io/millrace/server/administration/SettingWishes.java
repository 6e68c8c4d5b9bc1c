package io.millrace.server.administration;

import io.millrace.protocol.ErrorCode;
import io.millrace.server.administration.SettingWish.Operation;
import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What settings become of settings by a list of wishes. Pure. */
final class SettingWishes {
    private SettingWishes() {}

    /** What lies behind a name where nothing is set. */
    @FunctionalInterface
    interface Fallback {
        String of(ConfigurationKey<?> key);
    }

    /** The settings that can be changed, and what holds where they are not set. */
    record Subject(Map<String, ConfigurationKey<?>> keys, Fallback fallback) {}

    /**
     * Replaces all settings.
     *
     * @throws RefusedException INVALID_REQUEST for a value that is missing or named twice
     */
    static Map<String, String> replaced(List<SettingWish> wishes) throws RefusedException {
        return incremented(Map.of(), wishes, new Subject(Map.of(), key -> ""));
    }

    /**
     * Changes some settings. Whether keys and values mean anything is for the caller to check.
     *
     * @throws RefusedException INVALID_REQUEST as {@link #replaced}, INVALID_CONFIG for an operation that the setting does not have
     */
    static Map<String, String> incremented(Map<String, String> before, List<SettingWish> wishes, Subject subject)
            throws RefusedException {
        checkThatNoneIsNamedTwice(wishes);
        var after = new HashMap<>(before);
        for (SettingWish wish : wishes) {
            if (wish.isDeletion()) {
                after.remove(wish.name());
            } else {
                after.put(wish.name(), value(before, wish, subject));
            }
        }
        return after;
    }

    private static void checkThatNoneIsNamedTwice(List<SettingWish> wishes) throws RefusedException {
        Set<String> seen = new HashSet<>();
        for (SettingWish wish : wishes) {
            if (!seen.add(wish.name())) {
                throw new RefusedException(
                        ErrorCode.INVALID_REQUEST,
                        "The request names " + wish.name() + " more than once; once for each resource is right");
            }
        }
    }

    private static String value(Map<String, String> before, SettingWish wish, Subject subject) throws RefusedException {
        if (wish.operation() == Operation.UNKNOWN) {
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST,
                    "The operation on " + wish.name()
                            + " is not known; SET (0), DELETE (1), APPEND (2) and SUBTRACT (3)" + " are");
        }
        String value = wish.value();
        if (value == null) {
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST,
                    "The value of " + wish.name() + " is null; give a value, or delete the setting to get its default");
        }
        if (wish.operation() == Operation.SET) {
            return value;
        }
        ConfigurationKey<?> key = subject.keys().get(wish.name());
        if (key == null || key.type().kind() != ValueType.Kind.LIST) {
            throw new RefusedException(
                    ErrorCode.INVALID_CONFIG,
                    wish.operation() + " is not possible for " + wish.name() + "; only lists can be appended to and"
                            + " subtracted from");
        }
        var elements = new LinkedHashSet<>(
                elements(before.getOrDefault(wish.name(), subject.fallback().of(key))));
        if (wish.operation() == Operation.APPEND) {
            elements.addAll(elements(value));
        } else {
            elements.removeAll(elements(value));
        }
        return String.join(",", elements);
    }

    /** Whether settings are as wished, so far as can be seen. */
    static boolean areFulfilled(List<SettingWish> wishes, Map<String, String> settings) {
        return wishes.stream().allMatch(wish -> switch (wish.operation()) {
            case SET -> String.valueOf(wish.value()).equals(settings.get(wish.name()));
            case DELETE -> !settings.containsKey(wish.name());
            case APPEND ->
                elements(settings.getOrDefault(wish.name(), "")).containsAll(elements(String.valueOf(wish.value())));
            case SUBTRACT, UNKNOWN -> true;
        });
    }

    private static List<String> elements(String list) {
        var elements = new ArrayList<String>();
        Stream.of(list.split(",", -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .forEach(elements::add);
        return elements;
    }
}

package io.drivetrain.infra.local;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The {@code --name value} arguments of a process of the stack; {@code --config} and {@code --set} are read elsewhere. */
record ProcessArguments(Map<String, String> values) {
    static ProcessArguments of(String[] arguments) throws StackException {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (!arguments[i].startsWith("--") || i + 1 == arguments.length) {
                throw new StackException(
                        "Argument '%s' is not followed by a value; write --name value".formatted(arguments[i]));
            }
            values.put(arguments[i].substring(2), arguments[i + 1]);
        }
        return new ProcessArguments(values);
    }

    String text(String name) throws StackException {
        String value = values.get(name);
        if (value == null) {
            throw new StackException("Argument --%s is missing; this process needs it".formatted(name));
        }
        return value;
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    int port(String name) throws StackException {
        try {
            return Integer.parseInt(text(name));
        } catch (NumberFormatException e) {
            throw new StackException("--%s is '%s'; give a port number".formatted(name, text(name)), e);
        }
    }

    Optional<Long> parentPid() throws StackException {
        if (!values.containsKey("parent-pid")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(values.get("parent-pid")));
        } catch (NumberFormatException e) {
            throw new StackException("--parent-pid is '%s'; give a process id".formatted(values.get("parent-pid")), e);
        }
    }
}

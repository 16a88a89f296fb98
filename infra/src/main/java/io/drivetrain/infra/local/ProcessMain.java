package io.drivetrain.infra.local;

import io.drivetrain.schemas.ConfigException;

/** How a process of the stack begins, and ends: 0, 1 or 2, with one sentence on stderr where it is not 0. */
final class ProcessMain {
    private ProcessMain() {}

    /** What the process does. */
    @FunctionalInterface
    interface Work {
        /** Returns when there is nothing left to do. */
        void run(ProcessArguments arguments) throws Exception;
    }

    /**
     * Runs it and ends the process.
     *
     * @param name as the sentence begins
     */
    static void run(String name, String[] args, Work work) {
        try {
            ProcessArguments arguments = ProcessArguments.of(args);
            ParentWatch.start(arguments.parentPid());
            work.run(arguments);
            System.exit(0);
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        } catch (StackException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (Exception e) {
            System.err.println(name + " cannot run: " + rootMessage(e));
            System.exit(1);
        }
    }

    static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}

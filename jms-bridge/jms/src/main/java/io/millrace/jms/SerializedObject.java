package io.millrace.jms;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Objects by Java serialization, read only where an allow-list permits each class in them.
 *
 * <p>A class is judged before anything of it runs. What the process demands of all deserialization
 * ({@code jdk.serialFilter}) holds besides.
 */
final class SerializedObject {
    private SerializedObject() {}

    /** The object as it is now. */
    @SuppressWarnings("checkstyle:IllegalCatch") // the object's own code may throw anything
    static byte[] write(Serializable object) throws MessageFormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw Failures.caused(
                    new MessageFormatException("A " + object.getClass().getName() + " cannot be serialized: " + e), e);
        }
        return bytes.toByteArray();
    }

    /** @throws MessageFormatException where a class is not permitted or not there, or the bytes are none of an object */
    @SuppressWarnings({"checkstyle:IllegalCatch", "BanSerializableRead"}) // the objects' code may throw; filtered
    static Serializable read(byte[] bytes, ObjectAllowList allowList) throws MessageFormatException {
        Filter filter = new Filter(allowList, bytes.length);
        try (ApplicationInput in = new ApplicationInput(bytes)) {
            ObjectInputFilter ofProcess = ObjectInputFilter.Config.getSerialFilter();
            in.setObjectInputFilter(ofProcess == null ? filter : ObjectInputFilter.merge(filter, ofProcess));
            return (Serializable) in.readObject();
        } catch (ClassNotFoundException e) {
            throw Failures.caused(
                    new MessageFormatException("The object cannot be read: its class " + e.getMessage()
                            + " is not known to the application"),
                    e);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            String objection = filter.objection;
            throw Failures.caused(
                    new MessageFormatException("The object cannot be read: " + (objection == null ? e : objection)), e);
        }
    }

    /** Finds classes as the application's thread does, without running anything of them. */
    private static final class ApplicationInput extends ObjectInputStream {
        ApplicationInput(byte[] bytes) throws IOException {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
            if (ofThread != null) {
                try {
                    return Class.forName(description.getName(), false, ofThread);
                } catch (ClassNotFoundException ignored) {
                    // Perhaps a primitive's class, or one that only this class's loader knows.
                }
            }
            return super.resolveClass(description);
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws IOException {
            throw new InvalidClassException("it holds a dynamic proxy of " + String.join(", ", interfaces)
                    + ", and no allow-list can name that");
        }
    }

    /** Judges one object's stream. Belongs to the reading thread. */
    private static final class Filter implements ObjectInputFilter {
        private static final long DEPTH_MAX = 200;
        private static final long REFERENCES_MAX = 1_000_000;
        private static final long BYTES_MAX = 64L * 1024 * 1024;
        /** Hash tables are read into arrays of up to eight places for each entry. */
        private static final long ARRAY_ELEMENTS_PER_BYTE = 8;

        private static final long ARRAY_ELEMENTS_FREE = 1_024;

        private final ObjectAllowList allowList;
        private final long arrayElementsMax;
        private long arrayElements;
        private @Nullable String objection;

        Filter(ObjectAllowList allowList, int byteCount) {
            this.allowList = allowList;
            this.arrayElementsMax = ARRAY_ELEMENTS_FREE + ARRAY_ELEMENTS_PER_BYTE * byteCount;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            if (objection == null) {
                objection = objectionTo(info);
            }
            if (objection != null) {
                return Status.REJECTED;
            }
            return info.serialClass() == null ? Status.UNDECIDED : Status.ALLOWED;
        }

        private @Nullable String objectionTo(FilterInfo info) {
            if (info.depth() > DEPTH_MAX || info.references() > REFERENCES_MAX || info.streamBytes() > BYTES_MAX) {
                return "it is larger than " + DEPTH_MAX + " objects deep, " + REFERENCES_MAX + " references or "
                        + BYTES_MAX + " bytes";
            }
            // An array is made before its elements are read, so all together must be what these bytes can fill.
            arrayElements += Math.max(0, info.arrayLength());
            if (arrayElements > arrayElementsMax) {
                return "its arrays claim more than " + arrayElementsMax + " elements, which its bytes cannot fill";
            }
            Class<?> type = info.serialClass();
            if (type != null && !allowList.permits(type)) {
                return "the class " + type.getName() + " is not permitted by objectAllowList, which is '" + allowList
                        + "'; add the class, or its package as com.acme.*, if its senders are trusted";
            }
            return null;
        }
    }
}

package io.millrace.client;

import io.millrace.client.network.EventLoops;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.Frames;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.RequestHeader;
import io.millrace.protocol.message.Response;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A broker without a cluster or a disk: it listens on a free port of the loopback interface and answers each API as its
 * script says. What has no script is never answered.
 *
 * <p>Scripts run on the broker's one event loop. Requests of a connection are answered in their order, as a broker does.
 * Records in a request are slices of its frame: a script copies what it keeps.
 */
public final class ScriptedBroker implements AutoCloseable {
    private static final int FRAME_BYTES_MAX = 64 * 1024 * 1024;

    /** What a broker does with the requests of one API. */
    @FunctionalInterface
    public interface Script<Q extends Request> {
        /** @return the answer, now or later; null for none at all, as to a produce request with {@code acks=0} */
        CompletableFuture<? extends Response> answer(Q request, Caller caller);
    }

    /** Who asks. */
    public record Caller(Channel channel, RequestHeader header) {
        /** Ends the connection of the caller, without an answer. */
        public void hangUp() {
            channel.close();
        }
    }

    private final EventLoops loops = new EventLoops("scripted-broker", 1);
    private final Map<ApiKey, Script<Request>> scripts = new ConcurrentHashMap<>();
    private final Map<ApiKey, Integer> versionsMax = new EnumMap<>(ApiKey.class);
    private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
    private final List<Request> received = new CopyOnWriteArrayList<>();
    private final Channel listener;
    private volatile boolean recording = true;

    private ScriptedBroker(int port) {
        on(ApiKey.API_VERSIONS, (ApiVersionsRequest request, Caller caller) -> now(versionsFor(request)));
        listener = new ServerBootstrap()
                .group(loops.group())
                .channel(EventLoops.serverSocketChannelType())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.closeFuture().addListener(ignored -> connections.remove(channel));
                        channel.pipeline()
                                .addLast(new LengthFieldBasedFrameDecoder(FRAME_BYTES_MAX, 0, 4, 0, 4))
                                .addLast(new Conversation());
                    }
                })
                .bind("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
    }

    public static ScriptedBroker start() {
        return new ScriptedBroker(0);
    }

    /** For a broker that comes back where it was. */
    public static ScriptedBroker startOn(int port) {
        return new ScriptedBroker(port);
    }

    /** An answer that is there at once. */
    public static <R extends Response> CompletableFuture<R> now(R response) {
        return CompletableFuture.completedFuture(response);
    }

    /** An answer that never comes. */
    public static CompletableFuture<Response> never() {
        return new CompletableFuture<>();
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    /** Replaces the script of an API. */
    @SuppressWarnings("unchecked") // the request is read with the layout that belongs to the API
    public <Q extends Request> ScriptedBroker on(ApiKey api, Script<Q> script) {
        scripts.put(api, (Script<Request>) script);
        return this;
    }

    /** Offers no more than this version of an API; -1 for an API that is not offered. */
    public ScriptedBroker limit(ApiKey api, int versionMax) {
        versionsMax.put(api, versionMax);
        return this;
    }

    /** Forgets requests from now on instead of keeping them for {@link #received}. */
    public ScriptedBroker withoutRecording() {
        recording = false;
        return this;
    }

    /** The requests of an API so far, in the order of arrival. */
    public <Q extends Request> List<Q> received(Class<Q> type) {
        return received.stream().filter(type::isInstance).map(type::cast).toList();
    }

    public int connectionCount() {
        return connections.size();
    }

    /** Ends all connections; new ones are welcome. */
    public void disconnectAll() {
        connections.forEach(Channel::close);
    }

    /** Runs a task on the loop that runs the scripts. */
    public void execute(Runnable task) {
        loops.next().execute(task);
    }

    /** Runs a task later on the loop that runs the scripts. */
    public void schedule(Runnable task, long delay, TimeUnit unit) {
        loops.next().schedule(task, delay, unit);
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        connections.forEach(Channel::close);
        if (!loops.close(Duration.ofSeconds(10))) {
            throw new IllegalStateException("threads of a scripted broker are left");
        }
    }

    private ApiVersionsResponse versionsFor(ApiVersionsRequest request) {
        ApiVersionsResponse all = ApiVersionsResponse.to(request);
        var offered = all.apiKeys().stream()
                .filter(range -> limitOf(range) >= 0)
                .map(range -> new ApiVersionsResponse.ApiVersion(
                        range.apiKey(), (short) Math.min(range.minVersion(), limitOf(range)), (short)
                                Math.min(range.maxVersion(), limitOf(range))))
                .toList();
        return new ApiVersionsResponse(ErrorCode.NONE, offered, 0, List.of(), -1, List.of(), false);
    }

    private int limitOf(ApiVersionsResponse.ApiVersion range) {
        return ApiKey.of(range.apiKey()).map(versionsMax::get).orElse((int) range.maxVersion());
    }

    /** One connection: answers leave in the order of the requests. */
    private final class Conversation extends ChannelInboundHandlerAdapter {
        private record Turn(RequestHeader header, CompletableFuture<? extends Response> answer) {}

        private final Queue<Turn> turns = new ArrayDeque<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf frame = (ByteBuf) message;
            try {
                take(context, frame);
            } finally {
                frame.release();
            }
        }

        private void take(ChannelHandlerContext context, ByteBuf frame) {
            RequestHeader header = RequestHeader.read(frame);
            ApiKey api = header.apiKey().orElseThrow();
            if (api == ApiKey.API_VERSIONS && header.apiVersion() > versionsMax.getOrDefault(api, (int) api.last())) {
                refuseVersion(context, header);
                return;
            }
            Request request = api.readRequest(frame, header.apiVersion());
            if (recording) {
                received.add(request);
            }
            Script<Request> script = scripts.get(api);
            CompletableFuture<? extends Response> answer =
                    script == null ? never() : script.answer(request, new Caller(context.channel(), header));
            if (answer != null) {
                turns.add(new Turn(header, answer));
                answer.whenComplete((response, failure) -> loops.next().execute(() -> answerInTurn(context)));
            }
        }

        private void refuseVersion(ChannelHandlerContext context, RequestHeader header) {
            var range = new ApiVersionsResponse.ApiVersion(
                    ApiKey.API_VERSIONS.id(),
                    (short) 0,
                    versionsMax.get(ApiKey.API_VERSIONS).shortValue());
            var refusal = new ApiVersionsResponse(
                    ErrorCode.UNSUPPORTED_VERSION, List.of(range), 0, List.of(), -1, List.of(), false);
            write(context, 0, header.correlationId(), refusal);
            context.flush();
        }

        private void answerInTurn(ChannelHandlerContext context) {
            while (!turns.isEmpty() && turns.peek().answer().isDone()) {
                Turn turn = turns.remove();
                write(
                        context,
                        turn.header().apiVersion(),
                        turn.header().correlationId(),
                        turn.answer().join());
            }
            context.flush();
        }

        private void write(ChannelHandlerContext context, int version, int correlationId, Response response) {
            Frames.response(context.alloc(), version, correlationId, response)
                    .parts()
                    .forEach(part -> context.write(part.buffer()));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.getLogger(ScriptedBroker.class.getName()).log(System.Logger.Level.WARNING, "A script failed", cause);
            context.close();
        }
    }
}

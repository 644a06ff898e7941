using Microsoft.Extensions.Logging;

namespace RpcGen.Diagnostics;

/// <summary>Every log message of the runtime. Event ids are never reused. Bodies and credentials are never logged.</summary>
internal static partial class Log
{
    // 1-19: connections

    [LoggerMessage(1, LogLevel.Warning, "{Name} was lost: {Reason}. It will be reopened.")]
    public static partial void Lost(ILogger log, string name, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Name} is open again.")]
    public static partial void Reopened(ILogger log, string name);

    [LoggerMessage(3, LogLevel.Warning, "{Name} could not be opened: {Reason}. Another attempt follows.")]
    public static partial void OpeningFailed(ILogger log, string name, string reason, Exception? exception);

    [LoggerMessage(5, LogLevel.Error, "{Name} was opened or lost, and an exception was thrown while this was handled.")]
    public static partial void CallbackFailed(ILogger log, string name, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "{Name} is open.")]
    public static partial void Opened(ILogger log, string name);

    [LoggerMessage(EventId = 7, Message = "{Count} more messages of event {EventId} ({EventName}) within a second were omitted.")]
    public static partial void LeftOut(ILogger log, LogLevel level, int count, int eventId, string? eventName);

    [LoggerMessage(8, LogLevel.Error, "{Broker} refused the login of the user {User}. {Remedy} This is logged once.")]
    public static partial void LoginRefused(ILogger log, string broker, string user, string remedy);

    [LoggerMessage(9, LogLevel.Information, "The credentials of a connection to {Broker} were renewed. They are now valid until {ValidUntil}.")]
    public static partial void SecretRenewed(ILogger log, string broker, DateTimeOffset? validUntil);

    [LoggerMessage(10, LogLevel.Warning, "The credentials of a connection to {Broker}, valid until {ValidUntil}, were not renewed: {Reason}. The connection is closed at that time, and the next one requests new credentials.")]
    public static partial void SecretNotRenewed(ILogger log, string broker, string reason, DateTimeOffset validUntil);

    [LoggerMessage(11, LogLevel.Debug, "'{Connection}' is connected to {Broker} by the node {Node}.")]
    public static partial void Connected(ILogger log, string connection, string broker, string node);

    [LoggerMessage(12, LogLevel.Warning, "{Broker}: {Warning}")]
    public static partial void ConnectionWarning(ILogger log, string broker, string warning);

    [LoggerMessage(13, LogLevel.Warning, "{Name} is held up: nothing has arrived from the broker for 2 s, not even the answer to a probe, but a second connection was answered. The connection stays open.")]
    public static partial void HeldUp(ILogger log, string name);

    // 20-39: clients

    [LoggerMessage(20, LogLevel.Debug, "A reply with correlation id {CallId} was dropped because no call waits for it. It is late, a duplicate, or not for this client.")]
    public static partial void ReplyDropped(ILogger log, string? callId);

    [LoggerMessage(21, LogLevel.Debug, "The cancellation of call {CallId}, or a question with this id, could not be sent to the instances of its server.")]
    public static partial void InstanceMessageNotSent(ILogger log, string? callId, Exception exception);

    [LoggerMessage(22, LogLevel.Warning, "{Resent} calls were sent again and {Failed} failed after {Name} was lost.")]
    public static partial void CallsLost(ILogger log, int resent, int failed, string name);

    [LoggerMessage(23, LogLevel.Information, "A server of queue {Queue} refused a batch with {Code}. Its calls are sent one by one, and no call is batched for {Seconds} s.")]
    public static partial void BatchingPaused(ILogger log, string queue, string code, double seconds);

    [LoggerMessage(24, LogLevel.Warning, "A message of a stream (type {Type}, call {CallId}) was dropped: {Reason}")]
    public static partial void StreamMessageDropped(ILogger log, string? type, string? callId, string reason);

    // 40-69: servers

    [LoggerMessage(40, LogLevel.Error, "{Method} of queue {Queue} failed on call {CallId} with an exception that its contract does not declare.")]
    public static partial void HandlerFailed(ILogger log, string method, string queue, string? callId, Exception exception);

    [LoggerMessage(41, LogLevel.Warning, "A request to queue {Queue} (type {Type}, correlation id {CallId}) was dropped: {Reason}.")]
    public static partial void RequestDropped(ILogger log, string queue, string? type, string? callId, string reason);

    [LoggerMessage(42, LogLevel.Debug, "A request to queue {Queue} (type {Type}, correlation id {CallId}) was refused with {Code}: {Reason}")]
    public static partial void RequestRefused(ILogger log, string queue, string? type, string? callId, string code, string reason);

    [LoggerMessage(43, LogLevel.Warning, "The reply to call {CallId} of queue {Queue} could not be sent: {Reason}. A request that is not acknowledged is redelivered.")]
    public static partial void ReplyNotSent(ILogger log, string queue, string? callId, string reason);

    [LoggerMessage(44, LogLevel.Information, "Serving queue {Queue}.")]
    public static partial void Serving(ILogger log, string queue);

    [LoggerMessage(45, LogLevel.Warning, "Queue {Queue} is no longer served. {Count} calls did not end within the grace period; their requests return to the queue.")]
    public static partial void GraceExceeded(ILogger log, string queue, int count);

    [LoggerMessage(46, LogLevel.Debug, "The consumer of queue {Queue} could not be stopped: {Reason} Its channel is closed instead.")]
    public static partial void ConsumerNotCancelled(ILogger log, string queue, string reason);

    [LoggerMessage(47, LogLevel.Error, "{Method} of queue {Queue} failed on one-way call {CallId}. The request goes to the dead-letter queue or exchange, if there is one.")]
    public static partial void OneWayFailed(ILogger log, string method, string queue, string? callId, Exception exception);

    [LoggerMessage(48, LogLevel.Warning, "A one-way request to queue {Queue} (type {Type}, correlation id {CallId}) was refused with {Code}: {Reason} It goes to the dead-letter queue or exchange, if there is one.")]
    public static partial void OneWayRefused(ILogger log, string queue, string? type, string? callId, string code, string reason);

    [LoggerMessage(49, LogLevel.Warning, "User {UserId} was denied {Method} of queue {Queue} (call {CallId}): {Reason}")]
    public static partial void AccessDenied(ILogger log, string method, string queue, string? callId, string? userId, string reason);

    [LoggerMessage(51, LogLevel.Warning, "The reply to call {CallId} of queue {Queue} (type {Type}) was replaced with the fault {Code}: {Reason}")]
    public static partial void ReplyReplaced(ILogger log, string queue, string? type, string? callId, string code, string reason);

    [LoggerMessage(52, LogLevel.Warning, "The user {UserId} of a request to queue {Queue} (call {CallId}) is ignored, because the message did not come straight from its sender (exchange '{Exchange}', routing key '{RoutingKey}', or headers that the broker adds on a detour).")]
    public static partial void UserNotTrusted(ILogger log, string userId, string queue, string? callId, string? exchange, string? routingKey);

    [LoggerMessage(53, LogLevel.Critical, "Queue {Queue} is no longer served: {Reason}")]
    public static partial void ServingRefused(ILogger log, string queue, string reason);

    [LoggerMessage(54, LogLevel.Information, "Queue {Queue} is no longer consumed. {Running} running and {Waiting} waiting calls are drained.")]
    public static partial void Draining(ILogger log, string queue, int running, int waiting);

    [LoggerMessage(55, LogLevel.Information, "The server of queue {Queue} has stopped.")]
    public static partial void Stopped(ILogger log, string queue);

    [LoggerMessage(56, LogLevel.Warning, "{Method} of queue {Queue} ended call {CallId} with a cancellation, although neither its caller nor its deadline had cancelled it.")]
    public static partial void HandlerCancelled(ILogger log, string method, string queue, string? callId, Exception exception);

    [LoggerMessage(57, LogLevel.Warning, "{Method} of queue {Queue} (call {CallId}) was given up after {Seconds} s, because the broker allows {Limit} s until a request is acknowledged (consumer_timeout). Its request is not run again.")]
    public static partial void CallGivenUp(ILogger log, string? method, string queue, string? callId, double seconds, double limit);

    [LoggerMessage(58, LogLevel.Error, "The broker closed the channel of queue {Queue}, because a request was not acknowledged within {Limit} s (consumer_timeout). {Running} calls were running, and all requests of the channel are delivered again. From now on, calls are given up after {Hold} s.")]
    public static partial void ConsumerTimedOut(ILogger log, string queue, double limit, int running, double hold);

    [LoggerMessage(59, LogLevel.Warning, "{Held} of {Places} places of queue {Queue} are held by calls past their deadline, whose handlers ignore their cancellation tokens. The oldest is {Method} (call {CallId}), whose deadline passed {Seconds} s ago.")]
    public static partial void PlacesHeld(ILogger log, int held, int places, string queue, string? method, string? callId, double seconds);

    [LoggerMessage(60, LogLevel.Warning, "Queue {Queue} is overloaded: requests have waited in it for {Seconds} s. Requests that cannot end in time are refused.")]
    public static partial void Overloaded(ILogger log, string queue, double seconds);

    [LoggerMessage(61, LogLevel.Warning, "The clock of the caller with the reply queue {ReplyTo} (user {UserId}) is {Seconds} s {Direction} this server's, by the timestamps of its requests to queue {Queue}. Calls are not affected. This is logged once an hour for each caller.")]
    public static partial void ClockIsOff(ILogger log, string replyTo, string? userId, string queue, double seconds, string direction);

    [LoggerMessage(62, LogLevel.Error, "The origin and age of a request of queue {Queue} could not be determined. It is handled as an anonymous request that did not wait.")]
    public static partial void DeliveryNotChecked(ILogger log, string queue, Exception exception);

    [LoggerMessage(63, LogLevel.Warning, "The grace period of queue {Queue} is over. {Count} open streams are interrupted, and their callers are told.")]
    public static partial void StreamsInterrupted(ILogger log, string queue, int count);

    [LoggerMessage(64, LogLevel.Warning, "{Reason} Set RpcServerOptions.Discoverable to false if this is intended.")]
    public static partial void NotDiscoverable(ILogger log, string reason);

    [LoggerMessage(65, LogLevel.Warning, "A one-way request to queue {Queue} (type {Type}, correlation id {CallId}) could not be sent to the dead-letter queue {DeadLetterQueue}: {Reason} It is rejected, without its reason.")]
    public static partial void DeadLetterNotSent(ILogger log, string queue, string? type, string? callId, string deadLetterQueue, string reason);

    [LoggerMessage(66, LogLevel.Debug, "Call {CallId} of queue {Queue} takes long. Its caller waits, and its request is acknowledged.")]
    public static partial void LongCallAdopted(ILogger log, string queue, string? callId);

    [LoggerMessage(67, LogLevel.Information, "Call {CallId} of queue {Queue}, which takes long, was cancelled: {Reason}.")]
    public static partial void LongCallUnwanted(ILogger log, string queue, string? callId, string reason);

    [LoggerMessage(68, LogLevel.Warning, "The grace period of queue {Queue} is over. {Count} long calls are interrupted, and their callers are told.")]
    public static partial void LongCallsInterrupted(ILogger log, string queue, int count);

    // 70-79: single calls, in a category of their own

    [LoggerMessage(70, LogLevel.Debug, "Call {CallId} of {Method} on queue {Queue} ended after {Milliseconds} ms: {Outcome}. It was sent {Attempts} times.")]
    public static partial void ClientCallEnded(ILogger log, string method, string queue, string? callId, double milliseconds, string outcome, int attempts);

    [LoggerMessage(71, LogLevel.Debug, "Call {CallId} of {Method} on queue {Queue} ended {Milliseconds} ms after its request came: {Outcome}.")]
    public static partial void ServerCallEnded(ILogger log, string method, string queue, string? callId, double milliseconds, string outcome);

    [LoggerMessage(72, LogLevel.Information, "Call {CallId} of queue {Queue} (type {Type}) ended {Milliseconds} ms after its request came: {Reason}.")]
    public static partial void EndedInVain(ILogger log, string? callId, string queue, string? type, double milliseconds, string reason);

    // 90-99: hosting

    [LoggerMessage(90, LogLevel.Warning, "The host starts although {Broker} is not ready: {Reason}. Attempts continue in the background.")]
    public static partial void StartedWithoutBroker(ILogger log, string broker, string reason);

    [LoggerMessage(91, LogLevel.Error, "{Contract} cannot be served: {Reason}. The next attempt is in {Seconds} s.")]
    public static partial void NotServed(ILogger log, string contract, string reason, double seconds);

    [LoggerMessage(92, LogLevel.Warning, "Configuration: {Problem}")]
    public static partial void UnknownSetting(ILogger log, string problem);

    [LoggerMessage(93, LogLevel.Error, "The scope in which {Service} ran a call could not be disposed.")]
    public static partial void ScopeNotDisposed(ILogger log, string service, Exception exception);
}

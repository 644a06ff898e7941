namespace RpcGen;

/// <summary>What the bodies of a contract's messages look like.</summary>
public enum RpcBodyStyle
{
    /// <summary>Requests are JSON objects with one member a parameter: <c>{"n":30}</c>.</summary>
    Object = 0,

    /// <summary>
    /// Bodies are the bare values, <c>30</c> and <c>832040</c>, as in RabbitMQ's tutorial six. For contracts with one
    /// method of one parameter. Nothing beyond plain requests and replies is sent, so that any hand-written peer works.
    /// </summary>
    Bare = 1,
}

namespace RpcGen;

/// <summary>The form of a contract's message bodies.</summary>
public enum RpcBodyStyle
{
    /// <summary>The body of a request is a JSON object with one member for each parameter: <c>{"n":30}</c>.</summary>
    Object = 0,

    /// <summary>
    /// Bodies are bare values, <c>30</c> and <c>832040</c>, as in RabbitMQ's tutorial six. For contracts with one method of one
    /// parameter. Only plain requests and replies are sent, so hand-written clients and servers can take part.
    /// </summary>
    Bare = 1,
}

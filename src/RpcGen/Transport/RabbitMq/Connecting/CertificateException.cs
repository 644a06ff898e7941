namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>A certificate or key cannot be read. The message is a clause that names the file, the cause and the remedy.</summary>
internal sealed class CertificateException(string message, Exception? innerException = null) : Exception(message, innerException);

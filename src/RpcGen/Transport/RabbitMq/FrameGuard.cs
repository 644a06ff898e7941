using System.Buffers.Binary;
using System.Diagnostics;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// Checks the frames of a broker before the client library decodes them. The library decodes tables recursively, and it
/// throws for values that .NET cannot represent and for large bodies. Without the guard, one message could overflow the stack,
/// which ends the process, or close the connection every time it is delivered.
/// </summary>
/// <remarks>
/// <para>The guard reads the byte stream in pieces of any size. Bodies, heartbeats and most methods pass. Two kinds of frames
/// are held back until they are complete:</para>
/// <list type="bullet">
/// <item>Content headers. Properties that the library cannot decode are replaced in place, see <see cref="ContentHeader"/>.
/// The message arrives and can be refused alone. If it has a larger body than the library takes, it arrives without it: its
/// body frames become heartbeats, which the library ignores, with any content.</item>
/// <item><c>connection.start</c>, which arrives before any login. If it is unreadable, the connection fails.</item>
/// </list>
/// <para>The library checks the other rules of AMQP framing itself. If a broker breaks one, the connection closes.</para>
/// </remarks>
internal sealed class FrameGuard
{
    /// <summary>
    /// The longest frame that is held back. Longer content headers pass with their headers blanked. This is no
    /// <c>frame_max</c>: headers grow beyond it in a broker that adds its own, such as <c>x-death</c>.
    /// </summary>
    public const int MaxHeldBytes = 256 * 1024;

    /// <summary>The largest body that the library takes.</summary>
    public const int MaxBodyBytes = 128 * 1024 * 1024;

    private const int PrefixLength = 7; // type, channel, payload length
    private const int EndLength = 1;
    private const int MethodIdLength = 4;
    private const byte MethodFrame = 1;
    private const byte HeaderFrame = 2;
    private const byte BodyFrame = 3;
    private const byte HeartbeatFrame = 8;
    private const uint ConnectionStart = (10 << 16) | 10;

    /// <summary>How many octets of the current frame are still to pass.</summary>
    private long _passing;

    /// <summary>The channels of messages that arrive without their bodies, with the octets of the body that are still expected.</summary>
    private Dictionary<ushort, ulong>? _withoutBody;

    /// <summary>How many octets the guard needs at once in order to continue, counted from the first one that it holds back.</summary>
    public int RequiredBytes { get; private set; } = PrefixLength;

    /// <summary>Whether the stream is inside a frame of which a part has passed.</summary>
    public bool IsInsideFrame => _passing > 0;

    /// <summary>Checks what has been received, and changes what the library cannot decode.</summary>
    /// <param name="received">The octets that were held back before, and those that follow them.</param>
    /// <returns>How many octets the library can read. The others are held back: pass them again, with those that follow.</returns>
    /// <exception cref="InvalidDataException">The broker's <c>connection.start</c> is unreadable.</exception>
    public int Check(Span<byte> received)
    {
        int passed = (int)Math.Min(_passing, received.Length);
        _passing -= passed;
        RequiredBytes = PrefixLength;
        while (received.Length - passed >= PrefixLength)
        {
            Span<byte> frame = received[passed..];
            long length = PrefixLength + (long)BinaryPrimitives.ReadUInt32BigEndian(frame[3..]) + EndLength;
            bool isChecked = frame[0] switch
            {
                HeaderFrame => TryCheckHeader(frame, length),
                MethodFrame => TryCheckMethod(frame, length),
                BodyFrame when _withoutBody is not null => HideIfTooLarge(frame, length),
                _ => true,
            };
            if (!isChecked)
            {
                return passed;
            }

            if (length > frame.Length)
            {
                _passing = length - frame.Length;
                return received.Length;
            }

            passed += (int)length;
        }

        return passed;
    }

    private bool TryCheckHeader(Span<byte> frame, long length)
    {
        bool isHeld = length <= MaxHeldBytes;
        if (!HasReceived(frame, isHeld ? (int)length : PrefixLength + ContentHeader.RequiredToBlank))
        {
            return false;
        }

        bool isRefusedByLibrary = length > int.MaxValue;
        if (isRefusedByLibrary)
        {
            return true;
        }

        int payloadLength = (int)length - PrefixLength - EndLength;
        Span<byte> payload = frame.Slice(PrefixLength, Math.Min(payloadLength, frame.Length - PrefixLength));
        if (isHeld)
        {
            ContentHeader.MakeReadable(payload);
        }
        else
        {
            ContentHeader.BlankHeaders(payload, payloadLength);
        }

        if (ContentHeader.TryRemoveBodyAbove(MaxBodyBytes, payload, payloadLength, out ulong bodySize))
        {
            _withoutBody ??= [];
            _withoutBody[Channel(frame)] = bodySize;
        }

        return true;
    }

    /// <summary>Makes a body frame a heartbeat if its message arrives without body.</summary>
    /// <returns>True: the frame passes in any case.</returns>
    private bool HideIfTooLarge(Span<byte> frame, long length)
    {
        Debug.Assert(_withoutBody is not null, "The caller has looked.");
        ushort channel = Channel(frame);
        if (!_withoutBody.TryGetValue(channel, out ulong expected))
        {
            return true;
        }

        frame[0] = HeartbeatFrame;
        frame[1] = frame[2] = 0; // the channel of heartbeats
        ulong received = (ulong)(length - PrefixLength - EndLength);
        if (received < expected)
        {
            _withoutBody[channel] = expected - received;
            return true;
        }

        _withoutBody.Remove(channel);
        if (_withoutBody.Count == 0)
        {
            _withoutBody = null;
        }

        return true;
    }

    private bool TryCheckMethod(Span<byte> frame, long length)
    {
        const int required = PrefixLength + MethodIdLength;
        bool hasMethodId = length >= required + EndLength;
        if (!hasMethodId)
        {
            return true; // the library refuses it
        }

        if (!HasReceived(frame, required))
        {
            return false;
        }

        return BinaryPrimitives.ReadUInt32BigEndian(frame[PrefixLength..]) != ConnectionStart || TryCheckConnectionStart(frame, length);
    }

    private bool TryCheckConnectionStart(Span<byte> frame, long length)
    {
        if (length > MaxHeldBytes)
        {
            throw new InvalidDataException($"the broker's connection.start is longer than {MaxHeldBytes} bytes");
        }

        if (!HasReceived(frame, (int)length))
        {
            return false;
        }

        const int version = 2;
        const int tableLengthLength = 4;
        ReadOnlySpan<byte> arguments = frame[(PrefixLength + MethodIdLength)..((int)length - EndLength)];
        if (arguments.Length < version + tableLengthLength)
        {
            return true; // the library refuses it
        }

        uint tableLength = BinaryPrimitives.ReadUInt32BigEndian(arguments[version..]);
        ReadOnlySpan<byte> rest = arguments[(version + tableLengthLength)..];
        if (tableLength > (uint)rest.Length || !FieldTable.IsReadable(rest[..(int)tableLength]))
        {
            throw new InvalidDataException("the server properties in the broker's connection.start are unreadable");
        }

        return true;
    }

    private static ushort Channel(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[1..]);

    private bool HasReceived(Span<byte> frame, int required)
    {
        if (frame.Length >= required)
        {
            return true;
        }

        RequiredBytes = required;
        return false;
    }
}

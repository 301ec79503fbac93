"""Made-up secrets in the shapes of real ones: those that the recorder knows, and those that it cannot know."""

import random
import string

_ALL = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def _some(count: int, of: str = _ALL) -> str:
    """The same in each run; with a digit, as real ones have."""
    return "".join(random.Random(count + len(of)).choices(of, k=count - 2)) + "7" + of[-1]


_BASE64 = [_some(64, _ALL + "+/") for _ in range(4)]


def _pem(kind: str, *lines: str) -> str:
    return "\n".join([f"-----BEGIN {kind}-----", *lines, *_BASE64, f"-----END {kind}-----"])


JWT = f"eyJ{_some(33)}.eyJ{_some(60)}.{_some(43, _ALL + '-_')}"

KNOWN = {
    "OpenAI": "sk-" + _some(48),
    "OpenAI, project": "sk-proj-" + _some(120, _ALL + "-_"),
    "OpenAI, service account": "sk-svcacct-" + _some(100, _ALL + "-_"),
    "Anthropic": "sk-ant-api03-" + _some(93, _ALL + "-_"),
    "OpenRouter": "sk-or-v1-" + _some(64, _HEX),
    "DeepSeek": "sk-" + _some(32, _HEX),
    "Google": "AIza" + _some(35, _ALL + "-_"),
    "Groq": "gsk_" + _some(52),
    "Hugging Face": "hf_" + _some(34),
    "xAI": "xai-" + _some(80),
    "NVIDIA": "nvapi-" + _some(64, _ALL + "-_"),
    "Perplexity": "pplx-" + _some(48),
    "Cerebras": "csk-" + _some(48),
    "Replicate": "r8_" + _some(37),
    "Tavily": "tvly-" + _some(32),
    "Pinecone": "pcsk_" + _some(70, _ALL + "_"),
    "LangSmith": "lsv2_pt_" + _some(32, _HEX) + "_" + _some(10, _HEX),
    "GitHub": "ghp_" + _some(36),
    "GitHub, OAuth": "gho_" + _some(36),
    "GitHub, app": "ghs_" + _some(36),
    "GitHub, fine-grained": "github_pat_" + _some(22) + "_" + _some(59),
    "GitLab": "glpat-" + _some(20),
    "AWS, key id": "AKIA" + _some(16, string.ascii_uppercase + "234567"),
    "AWS, session key id": "ASIA" + _some(16, string.ascii_uppercase + "234567"),
    "Slack, bot": "xoxb-" + _some(12, "0123456789") + "-" + _some(24),
    "Slack, user": "xoxp-" + _some(12, "0123456789") + "-" + _some(32, _HEX),
    "Stripe": "sk_live_" + _some(24),
    "Stripe, restricted": "rk_live_" + _some(24),
    "npm": "npm_" + _some(36),
    "PyPI": "pypi-" + _some(150, _ALL + "-_"),
    "JSON web token": JWT,
    "Kubernetes service account": f"eyJ{_some(90)}.eyJ{_some(600)}.{_some(340, _ALL + '-_')}",
    "private key, RSA": _pem("RSA PRIVATE KEY"),
    "private key, encrypted": _pem(
        "RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED", f"DEK-Info: AES-128-CBC,{_some(32)}", ""
    ),
    "private key, EC": _pem("EC PRIVATE KEY"),
    "private key, PKCS 8": _pem("PRIVATE KEY"),
    "private key, OpenSSH": _pem("OPENSSH PRIVATE KEY"),
}
# The secret, and what stands around it.
INSIDE = {
    "password in a database's URL": ("app:" + _some(18), "postgresql://", "@db.example.com:5432/prod"),
    "password in a broker's URL": ("guest:" + _some(12), "amqps://", "@mq.example.com/"),
    "token in a repository's URL": ("x-access-token:" + _some(30), "https://", "@git.example.com/a.git"),
    "bearer token": (_some(40, _ALL + "-._~"), "Authorization: Bearer ", ""),
}
VALUES = {"MY_API_KEY": "zx81-" + _some(12), "DB_PASSWORD": "Tr0ub4dor&3", "SIGNING_SECRET": _some(90, _ALL + "+/=")}

# Of no shape that would tell them from other words and numbers; docs/privacy.md lists these names.
MISSED = {
    "AWS secret access key": _some(40, _ALL + "/+"),
    "Azure OpenAI": _some(32, _HEX),
    "Cohere": _some(40),
    "Mistral": _some(32),
    "Together": _some(64, _HEX),
    "Fireworks": "fw_" + _some(24),
    "ElevenLabs": _some(32, _HEX),
    "Databricks": "dapi" + _some(32, _HEX),
    "Twilio": "SK" + _some(32, _HEX),
    "SendGrid": f"SG.{_some(22)}.{_some(43)}",
    "Google OAuth": "ya29." + _some(120),
    "HashiCorp Vault": "hvs." + _some(90),
    "Telegram bot": f"{_some(10, '123456789')}:{_some(35)}",
    "HTTP Basic": "Basic " + _some(24),
    "password in prose": "correct horse battery staple",
    "PGP private key": _pem("PGP PRIVATE KEY BLOCK"),
}

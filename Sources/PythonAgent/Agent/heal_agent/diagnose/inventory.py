"""What the running interpreter offers: modules of the standard library, their members, installed packages.

Program code is never imported here; only modules of the standard library are, and only those
that have no effect beyond being there.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.machinery
import sys
from functools import lru_cache
from typing import Dict, FrozenSet, Optional, Tuple

BUILTINS: FrozenSet[str] = frozenset(dir(builtins))

_FALLBACK_MODULES = (
    "abc aifc argparse array ast asynchat asyncio asyncore atexit base64 bdb binascii bisect builtins bz2 calendar "
    "cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib "
    "contextvars copy copyreg cProfile crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils "
    "doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions "
    "ftplib functools gc getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http imaplib imghdr imp "
    "importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap "
    "marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib ntpath numbers operator "
    "optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix "
    "posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re readline reprlib resource "
    "rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket "
    "socketserver spwd sqlite3 ssl stat statistics string stringprep struct subprocess sunau symbol symtable sys "
    "sysconfig syslog tabnanny tarfile telnetlib tempfile termios test textwrap threading time timeit tkinter token "
    "tokenize trace traceback tracemalloc tty turtle types typing unicodedata unittest urllib uu uuid venv warnings "
    "wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo"
)
STDLIB: FrozenSet[str] = frozenset(
    getattr(sys, "stdlib_module_names", None) or _FALLBACK_MODULES.split()
)
# Importing these opens browsers, prints, needs a display or is merely slow.
_NEVER_IMPORTED = frozenset(
    "antigravity this idlelib turtle turtledemo tkinter lib2to3 test ensurepip venv pip setuptools distutils "
    "__main__ site sitecustomize usercustomize readline rlcompleter pydoc_data".split()
)

# Members that programs use by their bare name, by the module they come from, likeliest module first.
_BARE_MEMBERS: Dict[str, str] = {
    "math": "sqrt ceil floor pi sin cos tan atan atan2 log10 log2 exp gcd lcm factorial hypot radians degrees isclose isnan isinf fabs comb perm prod isqrt",
    "collections": "defaultdict Counter OrderedDict deque namedtuple ChainMap UserDict UserList",
    "datetime": "datetime timedelta timezone date",
    "pathlib": "Path PurePath PosixPath",
    "functools": "reduce partial lru_cache wraps cached_property total_ordering cmp_to_key singledispatch cache",
    "itertools": "chain product permutations combinations groupby accumulate islice zip_longest takewhile dropwhile starmap cycle count repeat pairwise combinations_with_replacement",
    "random": "randint choice shuffle randrange uniform sample choices gauss",
    "time": "sleep perf_counter monotonic time_ns process_time strftime",
    "typing": "List Dict Optional Tuple Union Any Set Callable Iterable Iterator NamedTuple TypedDict Sequence Mapping Generic TypeVar Protocol ClassVar Literal FrozenSet Generator DefaultDict Deque Type cast overload TYPE_CHECKING Final Awaitable Coroutine AsyncIterator",
    "dataclasses": "dataclass field asdict astuple replace fields is_dataclass",
    "abc": "ABC abstractmethod ABCMeta",
    "enum": "Enum IntEnum auto Flag IntFlag unique StrEnum",
    "contextlib": "contextmanager suppress ExitStack closing redirect_stdout nullcontext asynccontextmanager",
    "decimal": "Decimal ROUND_HALF_UP getcontext ROUND_HALF_EVEN ROUND_DOWN InvalidOperation",
    "fractions": "Fraction",
    "statistics": "mean median stdev variance mode pstdev fmean",
    "copy": "deepcopy",
    "heapq": "heappush heappop heapify nlargest nsmallest heappushpop heapreplace",
    "bisect": "bisect_left bisect_right insort bisect insort_left",
    "threading": "Thread Lock RLock Event Condition Semaphore Timer Barrier current_thread local BoundedSemaphore",
    "concurrent.futures": "ThreadPoolExecutor ProcessPoolExecutor as_completed Future",
    "queue": "Queue PriorityQueue LifoQueue SimpleQueue",
    "io": "StringIO BytesIO TextIOWrapper",
    "operator": "itemgetter attrgetter methodcaller",
    "string": "ascii_lowercase ascii_uppercase ascii_letters digits punctuation Template",
    "pprint": "pprint pformat",
    "textwrap": "dedent indent wrap shorten",
    "uuid": "uuid4 uuid1 UUID",
    "types": "SimpleNamespace MappingProxyType ModuleType FunctionType",
    "unittest": "TestCase",
    "unittest.mock": "Mock MagicMock patch",
    "json": "JSONDecodeError JSONEncoder dumps loads",
    "re": "findall finditer fullmatch",
    "os.path": "exists isfile isdir basename dirname splitext abspath expanduser",
    "os": "getcwd listdir makedirs environ getenv mkdir chdir",
    "sys": "argv stderr stdin stdout maxsize",
    "subprocess": "Popen check_output check_call CalledProcessError PIPE",
    "shutil": "copyfile rmtree copytree which",
    "glob": "glob iglob",
    "tempfile": "NamedTemporaryFile TemporaryDirectory mkdtemp mkstemp",
    "argparse": "ArgumentParser Namespace",
    "urllib.parse": "urlparse urlencode quote unquote urljoin parse_qs urlsplit quote_plus",
    "urllib.request": "urlopen urlretrieve",
    "traceback": "format_exc print_exc",
    "hashlib": "sha256 md5 sha1 sha512",
    "base64": "b64encode b64decode",
    "getpass": "getpass",
    "inspect": "signature getmembers isclass isfunction",
    "warnings": "warn",
    "logging": "getLogger basicConfig",
    "timeit": "timeit default_timer",
    "weakref": "WeakValueDictionary WeakKeyDictionary WeakSet",
    "secrets": "token_hex token_urlsafe",
    "asyncio": "gather create_task run_until_complete wait_for",
    "multiprocessing": "Pool Process cpu_count",
    "struct": "unpack",
    "zoneinfo": "ZoneInfo",
    "ast": "literal_eval",
}  # fmt: skip

# What people call third-party packages, and the import that binds it.
ALIASES: Dict[str, str] = {
    "np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "mpl": "matplotlib", "tf": "tensorflow", "sns": "seaborn",
    "nx": "networkx", "sp": "scipy", "sm": "statsmodels.api", "px": "plotly.express", "go": "plotly.graph_objects",
    "xr": "xarray", "da": "dask.array", "dd": "dask.dataframe", "pl": "polars", "gpd": "geopandas", "jnp": "jax.numpy",
    "lgb": "lightgbm", "xgb": "xgboost", "alt": "altair", "st": "streamlit", "sa": "sqlalchemy", "pa": "pyarrow",
}  # fmt: skip
# Usual short names of standard modules.
STANDARD_ALIASES: Dict[str, str] = {
    "dt": "datetime", "ET": "xml.etree.ElementTree", "osp": "os.path", "mp": "multiprocessing", "tk": "tkinter",
    "it": "itertools", "ft": "functools", "sp": "subprocess", "mock": "unittest.mock", "pickle": "pickle",
}  # fmt: skip
# Names of Python 2 and of other languages, and what Python 3 has instead.
RENAMED: Dict[str, str] = {
    "xrange": "range", "raw_input": "input", "unicode": "str", "basestring": "str", "long": "int", "unichr": "chr",
    "true": "True", "false": "False", "null": "None", "nil": "None", "none": "None", "TRUE": "True", "FALSE": "False",
    "NULL": "None", "undefined": "None", "this": "self", "println": "print", "printf": "print", "puts": "print",
    "elseif": "elif", "NotImplementError": "NotImplementedError",
}  # fmt: skip


# Well-known packages whose names look like others': a package that is not installed is no misspelling.
PACKAGES: FrozenSet[str] = frozenset(
    "aiohttp aiofiles altair anyio arrow attr babel bcrypt bleach bokeh boto3 bottle bs4 cachetools celery certifi cffi chardet "
    "click cupy cv2 cython dash dask dateutil dill django docker docutils dotenv faker fastapi fire flask flax gensim geopandas "
    "gevent git google graphviz greenlet grpc gym h5py httpx hypothesis ijson imageio jax jinja2 joblib jose jsonschema jwt keras kivy "
    "lightgbm loguru lxml magic markdown marshmallow matplotlib mock mpmath msgpack mypy mysql networkx nltk nose numba numpy ollama openai "
    "openpyxl orjson packaging pandas paramiko passlib peewee pexpect PIL pip plotly polars psutil psycopg2 pyarrow pycurl pydantic pydot "
    "pygame pyglet pygments pymongo pymysql pyparsing pyperclip PyQt5 pyscf PySide6 pytest pytz pywt pyximport redis regex reportlab requests rich "
    "ruamel scipy scrapy seaborn selenium setuptools shapely simpy six skimage sklearn smart_open snowflake sounddevice spacy sqlalchemy "
    "sqlmodel starlette statsmodels streamlit sympy tabulate tenacity tensorflow termcolor tiktoken toml tomli toolz torch torchvision "
    "tornado tox tqdm transformers trio twisted typer tzlocal ujson urllib3 uvicorn uvloop vcr wandb watchdog werkzeug wheel wx xarray xgboost "
    "xlrd xlsxwriter xmltodict yaml yarl zmq zope".split()
)


@lru_cache(maxsize=1)
def bare_members() -> Dict[str, Tuple[str, ...]]:
    """Modules that define each well-known member, likeliest first."""
    table: Dict[str, Tuple[str, ...]] = {}
    for module, names in _BARE_MEMBERS.items():
        for name in names.split():
            table[name] = (*table.get(name, ()), module)
    return table


def sources_of(name: str) -> Tuple[str, ...]:
    """Standard modules of this interpreter that have the well-known member `name`."""
    found = []
    for module in bare_members().get(name, ()):
        members = members_of(module)
        if members is not None and name in members:
            found.append(module)
    return tuple(found)


@lru_cache(maxsize=512)
def members_of(module: str) -> Optional[FrozenSet[str]]:
    """What a standard module defines, or None when it is not one or cannot be loaded here."""
    top = module.split(".")[0]
    if top not in STDLIB or top in _NEVER_IMPORTED or top.startswith("_"):
        return None
    loaded = sys.modules.get(module)
    if loaded is None:
        spec = _spec(top)
        if spec is None:
            return None
        try:
            loaded = importlib.import_module(module)
        except Exception:
            return None
    names = set(dir(loaded))
    names.update(getattr(loaded, "__all__", ()) or ())
    return frozenset(names)


@lru_cache(maxsize=512)
def submodule_exists(module: str) -> bool:
    """Whether a dotted standard module exists."""
    if module in sys.modules:
        return True
    parts = module.split(".")
    if parts[0] not in STDLIB or parts[0] in _NEVER_IMPORTED:
        return False
    return members_of(module) is not None


@lru_cache(maxsize=512)
def _spec(top: str) -> Optional[importlib.machinery.ModuleSpec]:
    if top in sys.builtin_module_names:
        return importlib.machinery.BuiltinImporter.find_spec(top)
    try:
        return importlib.machinery.PathFinder.find_spec(top)
    except (ImportError, AttributeError, ValueError, OSError):
        return None


def module_exists(name: str) -> bool:
    """Whether a top-level module can be found: standard library or installed."""
    return name in STDLIB or name == "__main__" or name in sys.builtin_module_names or installed(name)


def installed(name: str) -> bool:
    """Whether a top-level third-party package can be found."""
    return _spec(name) is not None


@lru_cache(maxsize=1)
def installed_names() -> FrozenSet[str]:
    """Top-level names of the installed distributions, as far as their metadata say."""
    try:
        from importlib.metadata import distributions
    except ImportError:
        return frozenset()
    names = set()
    for distribution in distributions():
        try:
            top = distribution.read_text("top_level.txt")
            names.update(top.split() if top else [(distribution.metadata["Name"] or "").replace("-", "_")])
        except Exception:
            continue
    return frozenset(n for n in names if n.isidentifier())


@lru_cache(maxsize=64)
def type_attributes(name: str) -> Optional[FrozenSet[str]]:
    """Attributes of a builtin type by its name."""
    kind = getattr(builtins, name, None)
    return frozenset(dir(kind)) if isinstance(kind, type) else None


@lru_cache(maxsize=256)
def class_attributes(module: str, name: str) -> Optional[FrozenSet[str]]:
    """Attributes of a class of a standard module, or None when it is no class."""
    if members_of(module) is None:
        return None
    kind = getattr(sys.modules.get(module), name, None)
    if not isinstance(kind, type):
        return None
    names = set(dir(kind))
    for base in kind.__mro__:
        for member in vars(base).values():
            # What methods assign to their object is among the names their code uses.
            code = getattr(getattr(member, "__func__", member), "__code__", None)
            names.update(code.co_names if code is not None else ())
    return frozenset(names)

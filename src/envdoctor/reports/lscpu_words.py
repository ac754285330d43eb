"""lscpu in other languages, put back into its own words: systems speak the language of their owner, and people paste that.

The words are those of util-linux's translations.
"""

from __future__ import annotations

import re

_CORES = "Core(s) per socket"
_WORDS: dict[str, tuple[str, ...]] = {
    "Architecture": (
        "Architektur", "Arquitectura", "アーキテクチャ", "架构", "架構", "Arquitetura", "Архитектура", "Архітектура",
        "Architektura",
        "Mimari", "Architectuur", "Arkitektur",
    ),
    "CPU(s)": ("Processeur(s)", "CPU", "Процесори", "Počet CPU", "İşlemciler", "CPU's", "CPU(er)", "CPU'er"),
    "On-line CPU(s) list": (
        "Liste der Online-CPU(s)", "Liste de processeur(s) en ligne", "Lista de la(s) CPU(s) en línea",
        "オンラインになっている CPU のリスト", "在线 CPU 列表", "Lista de CPU(s) on-line", "Список робочих ЦП",
        "Lista aktywnych CPU",
        "Seznam zapnutých CPU", "Çevrimiçi işlemci(ler) listesi", "Online CPU's-lijst", "Lista över aktiva CPU(er)",
        "Tilkoblet cpu(er) liste",
    ),
    "Thread(s) per core": (
        "Thread(s) pro Kern", "Thread(s) par cœur", "Hilo(s) de procesamiento por núcleo", "コアあたりのスレッド数",
        "每个核的线程数",
        "每核心執行緒數", "Thread(s) per núcleo", "Потоков на ядро", "Потоків на ядро", "Wątków na rdzeń", "Vláken na jádro",
        "Çekirdek başına iş parçacığı", "Draden per kern", "Tråd(ar) per kärna", "Tråde per kerne",
    ),
    _CORES: (
        "Kern(e) pro Sockel", "Cœur(s) par socket", "Núcleo(s) por «socket»", "ソケットあたりのコア数", "每个座的核数",
        "每通訊端核心數",
        "Núcleo(s) por soquete", "Ядер на сокет", "Rdzeni na gniazdo", "Jader na patici", "Soket başına çekirdek",
        "Kernen per voet", "Kärn(or) per uttag", "Kerner per sokkel",
    ),
    "Socket(s)": (
        "Sockel", "«Socket(s)»", "ソケット数", "座", "Soquete(s)", "Сокетов", "Сокети", "Gniazd", "Patic", "Soket(ler)",
        "CPU-voeten", "Uttag", "Sokler",
    ),
    "NUMA node(s)": (
        "NUMA-Knoten", "Nœud(s) NUMA", "Modo(s) NUMA", "Nodo(s) NUMA", "NUMA ノード数", "NUMA 节点", "NUMA 節點", "Nó(s) de NUMA",
        "Вузли NUMA", "Węzłów NUMA", "Uzly NUMA", "NUMA düğümü(leri)", "NUMA-nodes", "NUMA nod(er)", "NUMA-knuder",
    ),
    "Vendor ID": (
        "Anbieterkennung", "Identifiant constructeur", "ID de fabricante", "ベンダー ID", "厂商 ID", "供應商識別號",
        "ID de fornecedor",
        "ID прроизводителя", "ID производителя", "Ідентифікатор виробника", "ID producenta", "ID výrobce", "Sağlayıcı Kimliği",
        "Producent-ID", "Tillverkar-ID", "Leverandør-id",
    ),
    "Model name": (
        "Modellname", "Nom de modèle", "Nombre del modelo", "モデル名", "型号名称", "Nome do modelo", "Имя модели",
        "Назва моделі",
        "Nazwa modelu", "Název modelu", "Modem ismi", "Modelnaam", "Modellnamn", "Modelnavn",
    ),
    "Flags": (
        "Markierungen", "Drapeaux", "Indicadores", "フラグ", "标记", "Opções", "Флаги", "Прапорці", "Flagi", "Příznaky",
        "Bayraklar",
        "Vlaggen", "Flaggor", "Flag",
    ),
    "Hypervisor vendor": (
        "Hypervisor-Anbieter", "Constructeur d'hyperviseur", "Fabricante del hipervisor", "ハイパーバイザのベンダー",
        "超管理器厂商",
        "Hypervisor 供應商", "Fabricante do hipervisor", "Разработчик гипервизора", "Виробник гіпервізора",
        "Producent hipernadzorcy", "Výrobce hypervizoru", "Hypervizör sağlayıcı", "Hypervisorproducent", "Hypervisortillverkare",
        "Hypervisorleverandør",
    ),
}  # fmt: skip
_NODES = (
    r"NUMA-Knoten(\d+) CPU\(s\)", r"Nœud NUMA (\d+) de processeur\(s\)", r"CPU\(s\) del nodo NUMA (\d+)",
    r"NUMA ノード (\d+) CPU",
    r"NUMA 节点 ?(\d+) CPU", r"CPU\(s\) de nó(\d+) NUMA", r"Процесори вузла(\d+) NUMA", r"Procesory węzła NUMA (\d+)",
    r"CPU NUMA uzlu (\d+)", r"NUMA düğüm(\d+) işlemci", r"NUMA-node(\d+) CPU\('s\)", r"NUMA-nod(\d+) CPU\(er\)",
    r"NUMA-knuder(\d+) CPU'er",
)  # fmt: skip
_OWN = {word: own for own, words in _WORDS.items() for word in words}
_LINE = re.compile(r"^(?P<indent>\s*)(?P<name>[^:：︰\n]{1,60}?)[\s\u00a0]*[:：︰]\s*(?P<value>\S[^\n]*)$")


def is_translated_lscpu(text: str) -> bool:
    """Whether a text has lscpu's line for the cores of a socket in another language."""
    return any(word in text for word in _WORDS[_CORES])


def english_lscpu(text: str) -> str:
    """The same text with the names of lscpu's fields in English; other lines as they are."""
    return "\n".join(map(_english, text.splitlines()))


def _english(line: str) -> str:
    match = _LINE.match(line)
    if not match:
        return line
    name = " ".join(match["name"].split())
    own = _OWN.get(name)
    if own is None:
        node = next((found for pattern in _NODES if (found := re.fullmatch(pattern, name))), None)
        own = f"NUMA node{node[1]} CPU(s)" if node else None
    return f"{match['indent']}{own}: {match['value']}" if own else line
